// The legend: what each colour means, how to hide it, how to see it alone, how to select what has it.

const SHAPES = [
  { domain: 0, label: "source", style: "shape-source" },
  { domain: 1, label: "target", style: "shape-target" },
  { domain: 2, label: "validation", style: "shape-aside" },
];
const MOST = 24;

export class Legend {
  constructor(host, changed, selected) {
    this.host = host;
    this.changed = changed;
    this.selected = selected;
    this.hidden = new Set();
    this.hiddenDomains = new Set();
    this.silent = "shown";
    this.items = [];
  }

  forget() {
    this.hidden.clear();
    this.hiddenDomains.clear();
    this.silent = "shown";
  }

  hiddenCodes() {
    const codes = new Uint8Array(256);
    for (const item of this.#own()) if (this.hidden.has(item.label)) for (const code of item.codes) codes[code] = 1;
    return codes;
  }

  /** Whether any entry hides points. */
  get hides() {
    return this.hidden.size > 0 || this.hiddenDomains.size > 0 || this.silentState !== "shown";
  }

  /** Whether silent failures are "shown" like all others, "hidden", or the "only" ones. */
  get silentState() {
    return this.items.some((item) => item.rim) ? this.silent : "shown";
  }

  /** 1 for each study whose domain (source, target) is hidden. */
  hiddenStudies(domainOfStudy) {
    return domainOfStudy.map((domain) => (this.hiddenDomains.has(domain) ? 1 : 0));
  }

  show(items, mode, data) {
    const domains = new Set(data.domainOfStudy.filter((_, i) => data.chosen.has(data.studies[i].name)));
    const text = JSON.stringify([mode, items.map((i) => [i.label, i.colour, i.low, i.high]), [...this.hidden], [...this.hiddenDomains], this.silent, [...domains]]);
    this.items = items;
    if (mode !== this.mode) this.hidden.clear();
    this.mode = mode;
    if (text === this.text && this.host.childElementCount) return;
    this.text = text;
    const shapes = SHAPES.filter(({ domain }) => domains.has(domain)).map((shape) => this.#shape(shape));
    const kept = document.activeElement?.closest?.("#map-legend") ? document.activeElement.dataset.item : null;
    this.host.replaceChildren(...shapes, ...items.slice(0, MOST).map((item) => this.#item(item)), ...this.#more(items));
    if (kept) this.host.querySelector(`[data-item="${CSS.escape(kept)}"]`)?.focus();
  }

  #shape({ domain, label, style }) {
    const mark = document.createElement("i");
    mark.className = style;
    const off = this.hiddenDomains.has(domain);
    const made = document.createElement("span");
    made.className = "legend-item";
    made.append(this.#button(`shape:${label}`, off, [mark, label], () => flip(this.hiddenDomains, domain)));
    return made;
  }

  #button(name, off, content, flipped) {
    const made = document.createElement("button");
    made.dataset.item = name;
    made.setAttribute("aria-pressed", off ? "false" : "true");
    made.title = off ? "Show these points" : "Hide these points";
    made.append(...content);
    made.addEventListener("click", () => {
      flipped();
      this.changed();
    });
    return made;
  }

  #more(items) {
    if (items.length <= MOST) return [];
    const made = document.createElement("span");
    made.className = "quiet-text";
    made.textContent = `and ${items.length - MOST} more`;
    return [made];
  }

  #item(item) {
    const made = document.createElement("span");
    made.className = "legend-item";
    const mark = document.createElement("i");
    mark.className = item.ramp ? "legend-ramp" : "legend-dot";
    if (item.shades) mark.className = "legend-shades";
    mark.style.background = item.shades ? `linear-gradient(90deg, ${item.shades.join(",")})` : item.ramp ? `linear-gradient(90deg, ${item.ramp.join(",")})` : item.colour;
    if (item.rim) {
      this.#rimmed(made, item);
      return made;
    }
    const content = item.ramp ? [item.low, mark, item.high, ` ${item.label}`] : [mark, item.label];
    if (item.title) made.title = item.title;
    made.append(this.#button(item.label, this.hidden.has(item.label), content, () => flip(this.hidden, item.label)));
    const acts = [];
    if (this.#own().length > 1) acts.push(this.#only(item.label, this.#isAlone(item), () => this.#isolate(item)));
    if (item.value !== undefined) acts.push(this.#select(item));
    made.append(acted(acts));
    return made;
  }

  /** A silent failure that keeps the mode's colour is shown, hidden or shown alone whatever that colour is. */
  #rimmed(made, item) {
    const mark = document.createElement("i");
    mark.className = "legend-rim";
    mark.style.borderColor = item.colour;
    const flipped = () => { this.silent = this.silent === "hidden" ? "shown" : "hidden"; };
    const alone = this.silent === "only";
    made.append(
      this.#button(item.label, this.silent === "hidden", [mark, item.label], flipped),
      acted([this.#only(item.label, alone, () => { this.silent = alone ? "shown" : "only"; })]),
    );
  }

  #only(label, alone, act) {
    const made = document.createElement("button");
    made.dataset.item = `only:${label}`;
    made.className = alone ? "legend-all" : "legend-only";
    made.textContent = alone ? "all" : "only";
    made.title = alone ? "Show everything" : `Show only: ${label}`;
    made.addEventListener("click", () => {
      act();
      this.changed();
    });
    return made;
  }

  /** A value of a column becomes a selection, so that its failures can be counted and compared. */
  #select(item) {
    const made = document.createElement("button");
    made.dataset.item = `select:${item.label}`;
    made.className = "legend-select";
    made.textContent = "select";
    made.title = `Select the samples with: ${item.label} (Shift adds, Alt takes away)`;
    made.addEventListener("click", (event) => this.selected(item.value, event.shiftKey ? "add" : event.altKey ? "subtract" : "replace"));
    return made;
  }

  /** The entries whose points have a colour of their own. */
  #own() {
    return this.items.filter((item) => !item.rim);
  }

  #isAlone(item) {
    const own = this.#own();
    return own.length > 1 && own.every((other) => this.hidden.has(other.label) === (other !== item));
  }

  #isolate(item) {
    const alone = this.#isAlone(item);
    this.hidden = new Set(alone ? [] : this.#own().filter((other) => other !== item).map((other) => other.label));
  }
}

function acted(buttons) {
  const made = document.createElement("span");
  made.className = "legend-acts";
  made.append(...buttons);
  return made;
}

function flip(set, value) {
  if (!set.delete(value)) set.add(value);
}
