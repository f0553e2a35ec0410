// A button at every formula and every piece of code that copies it: a formula as LaTeX, from its annotations.
for (const root of document.querySelectorAll("[data-copying]")) {
  const [asLatex, asCode, done, failed] = root.dataset.copying.split("|");
  const add = (part, shown, title, text) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = shown;
    button.title = title;
    button.setAttribute("aria-label", title);
    button.addEventListener("click", async () => {
      let said = done;
      try { await navigator.clipboard.writeText(text()); } catch { said = failed; }
      button.textContent = said;
      setTimeout(() => { button.textContent = shown; }, 1500);
    });
    part.append(button);
  };
  const latex = part => [...part.querySelectorAll("annotation")].map(each => each.textContent).join(" ");
  for (const part of root.querySelectorAll(".display, .line")) {
    if (part.querySelector("annotation")) add(part, "TeX", asLatex, () => latex(part));
  }
  for (const part of root.querySelectorAll("figure.code")) {
    add(part, asCode, asCode, () => part.querySelector("code").textContent);
  }
}
