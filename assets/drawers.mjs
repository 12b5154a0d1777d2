// The sidebar and the inspector as drawers on narrow screens: opened by their buttons, closed by them or by Escape.

const page = () => document.getElementById("page");

export function toggleDrawer(button) {
  const region = button.dataset.toggle;
  const open = !page().classList.contains(`show-${region}`);
  for (const other of document.querySelectorAll("[data-toggle]")) set(other, other === button && open);
  if (open) firstStop(document.getElementById(region))?.focus();
}

function set(button, open) {
  page().classList.toggle(`show-${button.dataset.toggle}`, open);
  button.setAttribute("aria-expanded", String(open));
}

/** Opens the inspector without moving the keyboard: a case was chosen elsewhere. */
export function openInspector() {
  page().classList.add("show-inspector");
  document.querySelector("[data-toggle=inspector]").setAttribute("aria-expanded", "true");
}

/** Closes the drawer that is open and gives the keyboard back to its button; false where none is. */
export function closeDrawer() {
  for (const button of document.querySelectorAll("[data-toggle]")) {
    const shown = button.offsetParent !== null && page().classList.contains(`show-${button.dataset.toggle}`);
    if (!shown) continue;
    set(button, false);
    button.focus();
    return true;
  }
  return false;
}

function firstStop(region) {
  return region.querySelector("button, input, [tabindex='0']");
}

/** Moves the keyboard to a region: the region itself where it takes the keyboard, else its first stop. */
export function skipTo(id) {
  const region = document.getElementById(id);
  (region.tabIndex >= 0 ? region : region.querySelector("canvas, button, [tabindex='0']"))?.focus();
}
