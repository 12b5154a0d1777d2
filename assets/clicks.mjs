// The page's own clicks: what an element means stands in its data attributes.
import { skipTo, toggleDrawer } from "./drawers.mjs";
import { toast } from "./words.mjs";

export function bindClicks(model) {
  document.addEventListener("click", (event) => clicked(model, event));
}

function clicked(model, event) {
  const hit = (attribute) => event.target.closest?.(`[${attribute}]`);
  const concept = hit("data-concept"), row = hit("data-row"), step = hit("data-step"), choose = hit("data-choose");
  const toggle = hit("data-toggle"), skip = hit("data-skip");
  if (concept) model.select(JSON.parse(concept.dataset.concept), event.shiftKey ? "add" : "replace");
  else if (row) model.focus(Number(row.dataset.row));
  else if (step) model.stepCase(Number(step.dataset.step));
  else if (choose) chooseKind(model, choose.dataset.kind, choose.dataset.choose === "all");
  else if (toggle) toggleDrawer(toggle);
  else if (skip) skipTo(skip.dataset.skip);
  else if (hit("data-go")) model.pages.follow(JSON.parse(hit("data-go").dataset.go));
  else if (hit("data-why")) why(model, hit("data-why").dataset.why);
  else if (hit("data-tab")) openTab(model, hit("data-tab").dataset.tab);
  else if (hit("data-more-classes")) model.moreClasses();
  else if (hit("data-clear")) model.clearSelection();
  else if (hit("data-share")) share();
}

/** Opens the page that explains: the selection as it is, or one case (its row). */
function why(model, row) {
  if (row) model.select({ kind: "rows", rows: [Number(row)] });
  model.pages.openAt("causes", row ? "triage" : "explain");
}

/** All or no studies of a kind; the source stays. */
function chooseKind({ info, view }, kind, all) {
  if (!info) return;
  const keep = info.studies.filter((s) => s.name === view.source || (s.kind === kind ? all : view.studies.includes(s.name)));
  window.dash_clientside.set_props("studies", { value: keep.map((s) => s.name) });
}

function openTab(model, tab) {
  window.dash_clientside.set_props("inspector-tab", { value: tab });
  model.setTab(tab);
}

async function share() {
  try {
    await navigator.clipboard.writeText(window.location.href);
    toast({ title: "The address of this view is copied", detail: "", hint: "" }, "info");
  } catch {
    toast({ title: "Copy the address from the address bar", detail: window.location.href, hint: "" }, "info");
  }
}
