"use strict";
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const [find, tenant, kind] = ["find", "tenant", "kind"].map((id) => document.getElementById(id));
  const found = document.getElementById("found");
  let lists = null;

  // Read once, at the first search.
  const read = () => [...document.querySelectorAll("ul.r, ul.c")].map((list) => ({
    list,
    kind: list.closest("section").id,
    rows: [...list.children].map((row) => ({
      row,
      text: row.textContent.toLowerCase(),
      license: row.children[1].textContent,
      shown: true,
    })),
  }));

  const filter = () => {
    lists ??= read();
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const prefix = tenant.value && tenant.value + "/";
    const active = words.length > 0 || prefix || kind.value;
    let shown = 0;
    let all = 0;
    const used = new Set();
    for (const { list, kind: own, rows } of lists) {
      all += rows.length;
      const wanted = !kind.value || kind.value === own;
      const fits = (entry) => entry.license.startsWith(prefix) && words.every((word) => entry.text.includes(word));
      const here = wanted ? rows.filter(fits) : [];
      // Rows of lists that stay hidden are not touched.
      list.hidden = here.length === 0;
      if (here.length === 0) continue;
      const stays = new Set(here);
      for (const entry of rows) {
        if (entry.shown !== stays.has(entry)) {
          entry.shown = !entry.shown;
          entry.row.hidden = !entry.shown;
        }
      }
      // The intrinsic size of a filtered list follows its number of rows, so that the browser can skip its layout.
      list.style.containIntrinsicSize = here.length < rows.length ? `${here.length * 1.9}rem` : "";
      used.add(list.closest(".group"));
      used.add(list.closest("section"));
      shown += here.length;
    }
    for (const part of document.querySelectorAll("main section, main .group")) {
      part.hidden = Boolean(active) && !used.has(part);
    }
    found.textContent = active ? `${shown} of ${all}` : "";
  };

  let waiting = 0;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  };
  find.addEventListener("input", soon);
  tenant.addEventListener("change", filter);
  kind.addEventListener("change", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  document.addEventListener("keydown", (event) => {
    const types = event.target.closest("input, select, textarea");
    if (event.key === "/" && !types && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      find.focus();
    } else if (event.key === "Escape" && event.target === find && find.value) {
      find.value = "";
      filter();
    }
  });
  // Lists get their height when they are rendered, so the target may move while scrolling.
  const arrive = (target, times) => {
    target.scrollIntoView();
    if (times > 0) requestAnimationFrame(() => setTimeout(() => arrive(target, times - 1)));
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const target = link && document.getElementById(link.hash.slice(1));
    if (!target) return;
    // A link to a filtered section resets the filter.
    if (target.hidden) {
      form.reset();
      filter();
    }
    setTimeout(() => arrive(target, 4));
  });
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  form.hidden = false;
})();
