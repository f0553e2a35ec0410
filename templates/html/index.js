// Choosing by verdict and by words, and sorting; without it the table stands as it is.
(() => {
  const table = document.querySelector(".cases"), body = table.tBodies[0], rows = [...body.rows];
  const find = document.querySelector(".find"), input = find.querySelector("input"), none = find.querySelector("output");
  const chosen = new Set();
  const text = new Map(rows.map(row => [row, row.cells[1].textContent.toLowerCase()]));
  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const row of rows) {
      row.hidden = (chosen.size > 0 && !chosen.has(row.dataset.kind)) || !words.every(word => text.get(row).includes(word));
      left += row.hidden ? 0 : 1;
    }
    none.textContent = left ? "" : none.dataset.none;
  };
  for (const item of document.querySelectorAll(".counts [data-kind]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-pressed", "false");
    button.append(...item.childNodes);
    item.append(button);
    button.addEventListener("click", () => {
      const kind = item.dataset.kind;
      chosen.has(kind) ? chosen.delete(kind) : chosen.add(kind);
      button.setAttribute("aria-pressed", String(chosen.has(kind)));
      show();
    });
  }
  const keys = {
    number: row => Number(row.dataset.number),
    title: row => text.get(row),
    order: row => Number(row.dataset.order),
    ulps: row => Number(row.dataset.ulps),
  };
  const sorters = [...table.tHead.rows[0].cells].filter(cell => cell.dataset.sort);
  for (const cell of sorters) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...cell.childNodes);
    cell.append(button);
    button.addEventListener("click", () => {
      const way = cell.getAttribute("aria-sort") === "ascending" ? -1 : 1, key = keys[cell.dataset.sort];
      for (const other of sorters) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
      rows.sort((a, b) => {
        const x = key(a), y = key(b);
        return (x < y ? -1 : x > y ? 1 : 0) * way || Number(a.dataset.number) - Number(b.dataset.number);
      });
      body.append(...rows);
    });
  }
  input.addEventListener("input", show);
  find.hidden = false;
})();
