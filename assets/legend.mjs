// The legend: what each colour means, how to hide it, how to see it alone.

const SHAPES = [["source", "shape-source"], ["target", "shape-target"]];

export class Legend {
  constructor(host, changed) {
    this.host = host;
    this.changed = changed;
    this.hidden = new Set();
    this.redSilent = true;
    this.items = [];
  }

  forget() {
    this.hidden.clear();
  }

  hiddenCodes() {
    const codes = new Uint8Array(256);
    for (const item of this.items) if (this.hidden.has(item.label)) for (const code of item.codes) codes[code] = 1;
    return codes;
  }

  show(items, mode, data) {
    const text = JSON.stringify([mode, items.map((i) => [i.label, i.colour, i.low, i.high]), [...this.hidden]]);
    this.items = items;
    if (mode !== this.mode) this.hidden.clear();
    this.mode = mode;
    if (text === this.text && this.host.childElementCount) return;
    this.text = text;
    const domains = new Set(data.domainOfStudy);
    const shapes = SHAPES.filter((_, i) => domains.has(i)).map(([name, style]) => this.#shape(name, style));
    const kept = document.activeElement?.closest?.("#map-legend") ? document.activeElement.dataset.item : null;
    this.host.replaceChildren(...shapes, ...items.slice(0, 24).map((item) => this.#item(item)), ...this.#more(items));
    if (kept) this.host.querySelector(`[data-item="${CSS.escape(kept)}"]`)?.focus();
  }

  #shape(name, style) {
    const made = document.createElement("span");
    made.className = "legend-shape";
    const mark = document.createElement("i");
    mark.className = style;
    made.append(mark, name);
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
    const off = this.hidden.has(item.label);
    const toggle = document.createElement("button");
    toggle.dataset.item = item.label;
    toggle.setAttribute("aria-pressed", off ? "false" : "true");
    toggle.title = off ? "Show these points" : "Hide these points";
    const mark = document.createElement("i");
    mark.className = item.ramp ? "legend-ramp" : "legend-dot";
    mark.style.background = item.ramp ? `linear-gradient(90deg, ${item.ramp.join(",")})` : item.colour;
    if (item.ramp) toggle.append(item.low, mark, item.high, ` ${item.label}`);
    else toggle.append(mark, item.label);
    toggle.addEventListener("click", () => this.#toggle(item));
    made.append(toggle);
    if (this.items.length > 1) {
      const only = document.createElement("button");
      only.className = "legend-only";
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

  #toggle(item) {
    if (this.hidden.has(item.label)) this.hidden.delete(item.label);
    else this.hidden.add(item.label);
    this.changed();
  }

  #isolate(item) {
    const alone = this.#isAlone(item);
    this.hidden = new Set(alone ? [] : this.items.filter((other) => other !== item).map((other) => other.label));
    this.changed();
  }
}
