// The menus in which a person says what a mistake on each class costs and how frequent the class is where it matters.
// Both are settings in the address: `class:number,class:number`, the class by its position or `new`.

const KINDS = [["cost", "cost", "1"], ["prevalence", "prevalence", "as is"]];
const MANY = 30;
const MARGIN = 24;

/** Map class -> text of its number. */
export function parsed(text) {
  const pairs = String(text ?? "").split(",").filter(Boolean).map((part) => part.split(":"));
  return new Map(pairs.filter((pair) => pair.length === 2 && pair[1] !== ""));
}

/** The text that `parsed` reads; null where nothing is stated, which takes it out of the address. */
export function spelled(numbers) {
  const text = [...numbers].filter(([, value]) => value !== "").map(([name, value]) => `${name}:${value}`).join(",");
  return text || null;
}

/** What a closed menu says. */
export function summary(settings) {
  const stated = KINDS.map(([kind]) => kind).filter((kind) => parsed(settings[kind]).size);
  return stated.length ? stated.join(" and ") : "all alike";
}

export class WeightMenus {
  /** `changed(changes)` is told of every new value. */
  constructor(host, changed) {
    this.host = host;
    this.changed = changed;
    for (const place of host.querySelectorAll(".weight-find-place")) place.replaceChildren(findField());
    host.addEventListener("toggle", (event) => this.#opened(event.target), true);
    host.addEventListener("change", (event) => this.#take(event.target));
    host.addEventListener("input", (event) => narrow(event.target));
    host.addEventListener("click", (event) => {
      if (event.target.closest("[data-weights-reset]")) this.changed({ cost: null, prevalence: null });
    });
  }

  show(known) {
    this.known = known;
    for (const menu of this.#menus) {
      menu.querySelector("summary").textContent = summary(known.settings);
      menu.toggleAttribute("data-on", summary(known.settings) !== "all alike");
      if (menu.open) this.#fill(menu);
    }
  }

  get #menus() {
    return this.host.querySelectorAll("[data-weights]");
  }

  #opened(menu) {
    if (!menu.matches?.("[data-weights]") || !menu.open || !this.known) return;
    this.#fill(menu);
    intoView(menu, this.host);
  }

  /** A line per class; where they stand already only their values are set, so that the keyboard keeps its place. */
  #fill(menu) {
    const { settings, classes, newClass } = this.known;
    const names = [...classes.map((name, i) => [String(i), name]), ...(newClass ? [["new", "new class"]] : [])];
    const host = menu.querySelector(".weight-lines"), key = JSON.stringify(names);
    if (host.dataset.filled !== key) {
      host.dataset.filled = key;
      host.replaceChildren(...names.map(([place, name]) => line(place, name)));
      menu.querySelector(".weight-find").hidden = names.length <= MANY;
    }
    for (const [kind] of KINDS) {
      const stated = parsed(settings[kind]);
      for (const field of host.querySelectorAll(`[data-weight="${kind}"]`)) {
        if (field !== document.activeElement) field.value = stated.get(field.dataset.class) ?? "";
      }
    }
  }

  #take(field) {
    const kind = field.dataset?.weight;
    if (!kind) return;
    const stated = parsed(this.known.settings[kind]);
    const usable = field.value !== "" && Number(field.value) >= 0;
    if (usable) stated.set(field.dataset.class, String(Number(field.value)));
    else stated.delete(field.dataset.class);
    if (!usable) field.value = "";
    this.changed({ [kind]: spelled(stated) });
  }
}

/** Moves an open menu so far to the left that it ends inside the page. */
function intoView(menu, host) {
  const panel = menu.querySelector(".bench-weights");
  panel.style.setProperty("--shift", "0px");
  const beyond = panel.getBoundingClientRect().right + MARGIN - host.getBoundingClientRect().right;
  panel.style.setProperty("--shift", `${-Math.max(0, beyond)}px`);
}

function findField() {
  const field = Object.assign(document.createElement("input"), { type: "search", className: "weight-find", placeholder: "find a class", hidden: true });
  field.setAttribute("aria-label", "Find a class");
  return field;
}

function line(place, name) {
  const label = Object.assign(document.createElement("span"), { textContent: name, className: "weight-class", title: name });
  const row = Object.assign(document.createElement("div"), { className: "weight-line" });
  row.append(label, ...KINDS.map(([kind, words, empty]) => {
    const field = Object.assign(document.createElement("input"), { type: "number", min: "0", step: "any", placeholder: empty });
    if (kind === "prevalence") field.max = "100";
    field.dataset.weight = kind;
    field.dataset.class = place;
    field.setAttribute("aria-label", `${words} of ${name}`);
    return field;
  }));
  return row;
}

/** Of many classes only those whose names hold what was typed. */
function narrow(field) {
  if (!field.matches?.(".weight-find")) return;
  const wanted = field.value.toLowerCase();
  for (const row of field.closest("[data-weights]").querySelectorAll(".weight-line")) {
    row.hidden = !row.textContent.toLowerCase().includes(wanted);
  }
}
