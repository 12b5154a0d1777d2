// What was derived from the same inputs is not derived again: one value per name, made anew when an input is another.

export class Kept {
  #entries = new Map();

  /** `make()`, or what it gave last time under this name if every input is identical to what it was then. */
  get(name, inputs, make) {
    const entry = this.#entries.get(name);
    if (entry && entry.inputs.length === inputs.length && inputs.every((input, i) => Object.is(input, entry.inputs[i]))) {
      return entry.value;
    }
    const value = make();
    this.#entries.set(name, { inputs, value });
    return value;
  }

  clear() {
    this.#entries.clear();
  }
}
