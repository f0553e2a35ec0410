// Plays a picture forward and back, one step at a time; the lines of the derivation that belong to a step are lit with it.
(() => {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const passage = heading => {
    const parts = [heading];
    for (let next = heading.nextElementSibling; next && !/^H[1-6]$/.test(next.tagName); next = next.nextElementSibling) parts.push(next);
    return parts;
  };
  const passages = anchors => anchors.split(" ").filter(Boolean)
    .map(anchor => document.getElementById(anchor)).filter(Boolean).flatMap(passage);
  for (const picture of document.querySelectorAll("figure.picture[data-said]")) {
    // the lines of the program that compute something, each with a link to its first step
    const links = picture.closest("main, .symdiff").querySelectorAll(':scope > ol > li > a[href^="#"][href*="step-"]');
    const program = [...links].map(link => link.parentElement);
    const sheet = picture.querySelector(".sheet"), player = picture.querySelector(".player"), said = player.querySelector(".said");
    const frames = [...picture.querySelectorAll(".told > li")], parts = [...sheet.querySelectorAll("g[data-lit]")];
    const [first, previous, next, last] = player.querySelectorAll("button");
    let at = 0, lit = [];
    const show = frame => {
      at = Math.max(0, Math.min(frames.length, frame));
      for (const part of parts) {
        part.classList.toggle("later", at > 0 && Number(part.dataset.in || 0) > at);
        part.classList.toggle("lit", part.dataset.lit.split(" ").includes(String(at)));
      }
      for (const part of lit) part.classList.remove("lit");
      const told = frames[at - 1];
      lit = told ? [...passages(told.dataset.lights || ""), program[told.dataset.line]].filter(Boolean) : [];
      for (const part of lit) part.classList.add("lit");
      picture.classList.toggle("playing", at > 0);
      said.replaceChildren(...(told ? [position(), ...told.cloneNode(true).childNodes] : [picture.dataset.whole]));
      first.disabled = previous.disabled = at <= 1;
      next.disabled = at === frames.length;
      last.disabled = at === 0;
      const shown = sheet.querySelector("g.node.lit");
      if (shown && sheet.scrollWidth > sheet.clientWidth) {
        const box = shown.getBoundingClientRect(), room = sheet.getBoundingClientRect();
        sheet.scrollBy({ left: box.left + box.width / 2 - room.left - room.width / 2, behavior: calm.matches ? "instant" : "smooth" });
      }
    };
    const position = () => {
      const place = document.createElement("span");
      place.className = "place";
      place.textContent = picture.dataset.said.replace("{number}", at).replace("{count}", frames.length);
      return place;
    };
    const moves = { ArrowRight: () => show(at + 1), ArrowLeft: () => show(at > 1 ? at - 1 : at), Home: () => show(1), End: () => show(frames.length), Escape: () => show(0) };
    first.addEventListener("click", moves.Home);
    previous.addEventListener("click", moves.ArrowLeft);
    next.addEventListener("click", moves.ArrowRight);
    last.addEventListener("click", moves.Escape);
    picture.addEventListener("keydown", event => {
      if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in moves) || event.target.closest("details")) return;
      event.preventDefault();
      event.stopPropagation();  // a book may turn its pages by the same keys
      moves[event.key]();
    });
    player.hidden = false;
    show(0);
  }
})();
