// The legend: what each colour means, how to hide it, how to see it alone.

const SHAPES = [
  { domain: 0, label: "source", style: "shape-source" },
  { domain: 1, label: "target", style: "shape-target" },
];

export class Legend {
  constructor(host, changed) {
    this.host = host;
    this.changed = changed;
    this.hidden = new Set();
    this.hiddenDomains = new Set();
    this.redSilent = true;
    this.items = [];
  }

  forget() {
    this.hidden.clear();
    this.hiddenDomains.clear();
  }

  hiddenCodes() {
    const codes = new Uint8Array(256);
    for (const item of this.items) if (this.hidden.has(item.label)) for (const code of item.codes) codes[code] = 1;
    return codes;
  }

  /** 1 for each study whose domain (source, target) is hidden. */
  hiddenStudies(domainOfStudy) {
    return domainOfStudy.map((domain) => (this.hiddenDomains.has(domain) ? 1 : 0));
  }

  show(items, mode, data) {
    const text = JSON.stringify([mode, items.map((i) => [i.label, i.colour, i.low, i.high]), [...this.hidden], [...this.hiddenDomains]]);
    this.items = items;
    if (mode !== this.mode) this.hidden.clear();
    this.mode = mode;
    if (text === this.text && this.host.childElementCount) return;
    this.text = text;
    const domains = new Set(data.domainOfStudy);
    const shapes = SHAPES.filter(({ domain }) => domains.has(domain)).map((shape) => this.#shape(shape));
    const kept = document.activeElement?.closest?.("#map-legend") ? document.activeElement.dataset.item : null;
    this.host.replaceChildren(...shapes, ...items.slice(0, 24).map((item) => this.#item(item)), ...this.#more(items));
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
    if (items.length <= 24) return [];
    const made = document.createElement("span");
    made.className = "quiet-text";
    made.textContent = `and ${items.length - 24} more`;
    return [made];
  }

  #item(item) {
    const made = document.createElement("span");
    made.className = "legend-item";
    const mark = document.createElement("i");
    mark.className = item.ramp ? "legend-ramp" : "legend-dot";
    mark.style.background = item.ramp ? `linear-gradient(90deg, ${item.ramp.join(",")})` : item.colour;
    const content = item.ramp ? [item.low, mark, item.high, ` ${item.label}`] : [mark, item.label];
    made.append(this.#button(item.label, this.hidden.has(item.label), content, () => flip(this.hidden, item.label)));
    if (this.items.length > 1) {
      const only = document.createElement("button");
      only.className = this.#isAlone(item) ? "legend-all" : "legend-only";
      only.textContent = this.#isAlone(item) ? "all" : "only";
      only.title = this.#isAlone(item) ? "Show everything" : `Show only: ${item.label}`;
      only.addEventListener("click", () => this.#isolate(item));
      made.append(only);
    }
    return made;
  }

  #isAlone(item) {
    return this.items.length > 1 && !this.hidden.has(item.label) && this.hidden.size === this.items.length - 1;
  }

  #isolate(item) {
    const alone = this.#isAlone(item);
    this.hidden = new Set(alone ? [] : this.items.filter((other) => other !== item).map((other) => other.label));
    this.changed();
  }
}

function flip(set, value) {
  if (!set.delete(value)) set.add(value);
}
