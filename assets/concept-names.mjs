// The user's own names of concepts: given on the page Concepts, kept in the address by run and concept, and shown
// wherever that very cluster is: another number of clusters, method or class kind makes other concepts.

export const LONGEST_NAME = 60;
const MOST_NAMES = 200;
const PAGE = "causes";
// What is no letter of a name: control characters, and those that turn the direction of the text after them.
const UNFIT = /[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu;
const isPlain = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** One word for a concept, the same however its recipe is spelled. Only the study, which is first, may hold a `|`. */
export function keyOf({ study, category, index, k = null, basis = null, method = null }) {
  return [study, category, basis ?? "label", method ?? "kmeans", k ?? "auto", index].join("|");
}

/** What a person wrote as one line of at most sixty characters; "" where nothing is left. */
export function cleanName(raw) {
  const line = typeof raw === "string" ? raw.slice(0, 40 * LONGEST_NAME).replace(UNFIT, " ").replace(/\s+/g, " ").trim() : "";
  return [...line].slice(0, LONGEST_NAME).join("").trim();
}

/** The names of one run's concepts in the settings of the page, which may come from any address: {key: name}. */
export function namesIn(settings, run) {
  const held = isPlain(settings.names) && Object.hasOwn(settings.names, run) ? settings.names[run] : null;
  if (!isPlain(held)) return {};
  const named = Object.entries(held).map(([key, raw]) => [key, cleanName(raw)]).filter(([, name]) => name);
  return Object.fromEntries(named.slice(0, MOST_NAMES));
}

/** The names of all runs after one concept got another name, or with "" none; null where none is left. */
export function withName(settings, run, recipe, raw) {
  const key = keyOf(recipe), name = cleanName(raw);
  const others = Object.entries(namesIn(settings, run)).filter(([one]) => one !== key);
  const own = Object.fromEntries(name ? [...others.slice(1 - MOST_NAMES), [key, name]] : others);
  const all = Object.entries(isPlain(settings.names) ? settings.names : {}).filter(([one, held]) => one !== run && isPlain(held));
  if (Object.keys(own).length) all.push([run, own]);
  return all.length ? Object.fromEntries(all) : null;
}

export class ConceptNames {
  constructor(pages) {
    this.pages = pages;
  }

  get #run() {
    return this.pages.model.info?.run;
  }

  /** The name of a recipe's concept in the run that is open, or "". */
  of(recipe) {
    const names = namesIn(this.pages.chosen[PAGE], this.#run), key = keyOf(recipe);
    return Object.hasOwn(names, key) ? names[key] : "";
  }

  /** Names a concept, or with an empty name takes its name away. */
  give(recipe, name) {
    this.pages.set({ names: withName(this.pages.chosen[PAGE], this.#run, recipe, name) }, { of: PAGE });
    this.pages.model.rendered.named();
  }

  /** Writes the names into what the server rendered: words in place of the built ones, and before an element's label. */
  show(root) {
    for (const place of root.querySelectorAll("[data-name-of]")) {
      const name = this.of(JSON.parse(place.dataset.nameOf)), text = name || place.dataset.built;
      if (place.textContent !== text) place.textContent = text;
      if (name) place.title = place.dataset.built || name;
      else place.removeAttribute("title");
    }
    for (const place of root.querySelectorAll("[data-named-label]")) {
      const name = this.of(JSON.parse(place.dataset.concept)), built = place.dataset.namedLabel;
      place.setAttribute("aria-label", name ? `${name}. ${built}` : built);
    }
  }
}
