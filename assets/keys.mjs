// The keyboard path to everything that is not a control of its own.

import { closeDrawer } from "./drawers.mjs";

const TYPING = "input, textarea, select, [contenteditable], [role=slider], [role=combobox], [role=listbox], [role=option], [role=radio]";

export function bindKeys(model) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && closeDrawer()) {
      event.preventDefault();
      return;
    }
    if (model.pages.away || event.target.matches?.(TYPING)) return;
    const onMap = event.target.closest?.("#map-host");
    const actions = {
      ArrowRight: () => !onMap && model.stepCase(1),
      ArrowLeft: () => !onMap && model.stepCase(-1),
      l: () => model.map.toggleMode("lasso"),
      p: () => model.map.toggleMode("pan"),
      0: () => model.map.fit(),
      Escape: () => model.recipe && model.clearSelection(),
    };
    const act = actions[event.key];
    if (act && act() !== false) event.preventDefault();
  });
  bindSplitter(document.querySelector("[data-splitter]"));
}

/** The height of the map against the concepts, by mouse or arrow keys; remembered on this machine only. */
function bindSplitter(bar) {
  const middle = document.getElementById("main");
  const set = (percent) => {
    const kept = Math.min(Math.max(percent, 25), 85);
    middle.style.setProperty("--map-share", `${kept}%`);
    bar.setAttribute("aria-valuenow", String(Math.round(kept)));
    localStorage.setItem("sfvisuals.split", String(kept));
  };
  set(Number(localStorage.getItem("sfvisuals.split")) || 56);
  bar.addEventListener("pointerdown", (down) => {
    bar.setPointerCapture(down.pointerId);
    const move = (event) => {
      const box = middle.getBoundingClientRect();
      set((100 * (event.clientY - box.top)) / box.height);
    };
    bar.addEventListener("pointermove", move);
    bar.addEventListener("pointerup", () => bar.removeEventListener("pointermove", move), { once: true });
  });
  bar.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -3, ArrowDown: 3 }[event.key];
    if (!by) return;
    event.preventDefault();
    set(Number(bar.getAttribute("aria-valuenow")) + by);
  });
}
