// The sidebar and the inspector as drawers on narrow screens: opened by their buttons, closed by them or by Escape.

const page = () => document.getElementById("page");

export function toggleDrawer(button) {
  const region = button.dataset.toggle;
  const open = page().classList.toggle(`show-${region}`);
  button.setAttribute("aria-expanded", String(open));
  if (open) firstStop(document.getElementById(region))?.focus();
}

/** Opens the inspector without moving the keyboard: a case was chosen elsewhere. */
export function openInspector() {
  page().classList.add("show-inspector");
  document.querySelector("[data-toggle=inspector]").setAttribute("aria-expanded", "true");
}

/** Closes the drawer that holds the keyboard and gives the keyboard back to its button; false where none does. */
export function closeDrawer(within) {
  for (const button of document.querySelectorAll("[data-toggle]")) {
    const shown = button.offsetParent !== null && page().classList.contains(`show-${button.dataset.toggle}`);
    if (!shown || !within.closest?.(`#${button.dataset.toggle}`)) continue;
    toggleDrawer(button);
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
