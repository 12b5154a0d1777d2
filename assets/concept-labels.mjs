// The concepts of the cards on the map: labels at their centres, and the outline of the one that is pointed at, both ways.
import { ServerError } from "./columns.mjs";
import { keyOf } from "./concept-names.mjs";

const KEPT_WORDS = 26;
const kept = (text) => (text.length > KEPT_WORDS ? `${text.slice(0, KEPT_WORDS - 1).trimEnd()}…` : text);

/** A concept's words on the map: the user's own, else the built label; of a target with the study that it is from. */
export function wordsOf(label, { basis = null }, study, own = "") {
  const words = own ? kept(own) : basis ? `predicted ${label}` : label;
  return study ? `${words} · ${kept(study.split(/[,:(]/)[0].trim())}` : words;
}

export class ConceptLabels {
  constructor(model, view) {
    this.model = model;
    this.view = view;
    this.on = false;
    this.button = document.querySelector("#map-tools [data-labels]");
    this.cards = document.getElementById("concepts");
    for (const [enter, leave] of [["mouseover", "mouseleave"], ["focusin", "focusout"]]) {
      this.cards.addEventListener(enter, (event) => this.#cardPointed(event.target.closest(".concept-card")));
      this.cards.addEventListener(leave, () => this.#cardPointed(null));
    }
  }

  /** As the address has it. */
  take(on) {
    if (on === this.on) return;
    this.on = on;
    this.button.setAttribute("aria-pressed", String(on));
    this.refresh();
  }

  toggle() {
    this.take(!this.on);
    this.model.remember(false);
  }

  /** Other cards, another map or another state: the labels of the cards on the page. */
  async refresh() {
    this.pointAt(null);
    const ticket = (this.ticket = (this.ticket ?? 0) + 1);
    const places = this.on ? await this.#places() : [];
    if (ticket !== this.ticket) return;
    this.view.map.setLabels(places.map(({ key, centre: [x, y], text, size }) => ({ key, x, y, text, size })));
  }

  /** Outlines the concept of a recipe on the map, or none. */
  async pointAt(recipe) {
    const key = recipe === null ? null : keyOf(recipe);
    if (key === this.pointed) return;
    this.pointed = key;
    const place = key === null ? undefined : (await this.#places([recipe])).find((one) => one.key === key);
    if (key !== this.pointed) return;
    this.view.map.setPointed(place ? { key, x: place.centre[0], y: place.centre[1], text: place.text, hull: place.hull } : null);
  }

  /** The pointer is on a label, or on none: its card is marked. */
  labelPointed(key) {
    const card = key === null ? null : this.#cardOf(key);
    for (const marked of this.cards.querySelectorAll(".is-pointed")) marked.classList.remove("is-pointed");
    card?.closest(".concept-card").classList.add("is-pointed");
    this.pointAt(card && JSON.parse(card.dataset.concept));
  }

  /** A label was clicked: as if its card was. */
  labelClicked(key) {
    const card = this.#cardOf(key);
    if (!card) return;
    this.model.select(JSON.parse(card.dataset.concept));
    card.closest(".concept-card").scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #cardPointed(card) {
    const pick = card?.querySelector("[data-concept]");
    this.pointAt(pick ? JSON.parse(pick.dataset.concept) : null);
  }

  #picks() {
    return [...this.cards.querySelectorAll("[data-concept]")];
  }

  #cardOf(key) {
    return this.#picks().find((pick) => keyOf(JSON.parse(pick.dataset.concept)) === key);
  }

  /** Where the concepts of all cards lie on the map that is shown; those of `more` recipes too. */
  async #places(more = []) {
    const { info, columns, view, pages } = this.model;
    const kind = this.view.shown;
    if (!info || !kind || kind === "umap3") return [];
    const shown = this.#picks().map((pick) => JSON.parse(pick.dataset.concept));
    const keys = new Set([...shown, ...more].map(keyOf));
    const cells = new Map([...shown, ...more].map((recipe) => [keyOf({ ...recipe, index: 0 }), { ...recipe, index: 0 }]));
    const found = await Promise.all([...cells.values()].map(async (cell) => {
      const places = await this.#placesOf(columns, kind, cell);
      const study = cell.study === view.source ? "" : info.studies.find((s) => s.name === cell.study)?.label ?? cell.study;
      return places.map((place) => {
        const recipe = { ...cell, index: place.index };
        return { ...place, key: keyOf(recipe), text: wordsOf(place.label, cell, study, pages.names.of(recipe)) };
      });
    }));
    return found.flat().filter(({ key }) => keys.has(key));
  }

  /** Each cell has an address of its own, so that another class on the page asks for nothing twice. */
  async #placesOf(columns, kind, cell) {
    try {
      return await columns.json(`projections/${kind}/concepts?cells=${encodeURIComponent(JSON.stringify([cell]))}`);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      return []; // what cannot be placed has no label; its card says what is known
    }
  }
}
