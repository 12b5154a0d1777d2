// The page "Concepts and slices": which concept of the target has no partner in the source, which failures share a cause,
// and what tells the selection from other samples. It speaks about the one selection of the app and sets it.
import { AttributesWatch } from "./attributes.mjs";
import { LONGEST_NAME } from "./concept-names.mjs";
import { fill } from "./fields.mjs";
import { Parts } from "./parts.mjs";
import { SliceTelling } from "./slice-telling.mjs";
import { isRecipe, recipeSays, sameRecipe } from "./selecting.mjs";
import { namesOf } from "./words.mjs";

const DEFAULTS = { basis: "label", method: "kmeans", k: "auto", outcome: "silent", finder: "all", pool: "shown", reference: "true_class", found: "half" };
const OWN = "causes";

export class Causes {
  constructor(model, host) {
    this.model = model;
    this.host = host;
    this.parts = new Parts(host, "causes", (part) => this.#filled(part));
    this.telling = new SliceTelling(host.querySelector(".bench-parts"), (recipe) => model.columns.part(`causes/telling?recipe=${encodeURIComponent(recipe)}`));
    this.attributes = new AttributesWatch(model, host.querySelector("#cause-attributes"), () => this.#depend());
    host.addEventListener("click", (event) => this.#clicked(event));
    host.addEventListener("change", (event) => this.#changed(event.target));
  }

  get settings() {
    return this.model.pages.chosen[OWN];
  }

  setting(name) {
    return this.settings[name] ?? DEFAULTS[name] ?? "";
  }

  // ---- what the model tells -----------------------------------------------------------------------------------

  /** The run, the score or another choice of the header changed. */
  viewed() {
    const { info, view } = this.model;
    if (!info || !view) return;
    const key = `${info.run}|${info.version}`;
    if (key !== this.of) {
      this.of = key;
      this.parts.clear();
      this.attributes.open(this.model.columns);
    }
    this.#depend();
  }

  settled() {
    if (this.of) this.#depend();
  }

  selected() {
    if (this.of) this.#depend();
  }

  scrollTo(part) {
    this.parts.scrollTo(part);
  }

  failed(problem) {
    this.of = null;
    this.parts.say(problem);
  }

  // ---- what the parts depend on -------------------------------------------------------------------------------

  #depend() {
    const { info, view, columns, recipe } = this.model;
    this.#showControls(info);
    const judged = { score: view.score, target: view.target };
    const clusters = { basis: this.setting("basis"), method: this.setting("method"), k: this.setting("k"), source: view.source, studies: view.studies };
    const sliced = { ...judged, outcome: this.setting("outcome"), finder: this.setting("finder"), pool: this.setting("pool"), studies: view.studies };
    const about = { ...judged, recipe, reference: this.setting("reference"), found: this.setting("found"), studies: view.studies };
    this.parts.depend(columns, [this.of, this.attributes.ready], {
      matches: () => ({ ...clusters, ...judged }),
      concepts: () => ({ ...clusters, ...judged, study: this.#study(info, view), category: this.#category(info) }),
      slices: () => sliced,
      explain: () => about,
      hypothesis: () => ({ ...about, rule: this.settings.rule, outcome: this.setting("outcome"), pool: this.setting("pool") }),
      triage: () => about,
    });
    this.#mark();
  }

  #study(info, view) {
    const asked = this.setting("study");
    return info.studies.some((s) => s.name === asked) ? asked : view.studies.find((name) => name !== view.source) ?? view.source;
  }

  #category(info) {
    const asked = this.setting("category");
    return asked === "new" || info.classes[Number(asked)] !== undefined ? asked : "";
  }

  #showControls(info) {
    const options = {
      study: info.studies.filter((s) => s.n && s.kind !== "train").map((s) => [s.name, s.label]),
      category: [["", "all classes"], ...info.classes.slice(0, 200).map((name, i) => [String(i), name])],
    };
    for (const select of this.host.querySelectorAll("select[data-setting]")) {
      const name = select.dataset.setting;
      if (options[name]) fill(select, options[name]);
      // what is not on offer shows as no choice, so that any can be made; the server says what it was
      select.value = String(name === "study" ? this.#study(info, this.model.view) : this.setting(name));
    }
  }

  // ---- the screen ---------------------------------------------------------------------------------------------

  #filled(part) {
    if (part.name === "slices") this.telling.watch(part.body, `${this.of}|${this.attributes.ready}`);
    this.#mark();
  }

  /** The names that the user gave to concepts, in place of the built ones, and in their fields. */
  #name() {
    const { names } = this.model.pages;
    for (const place of this.host.querySelectorAll("span[data-name-field]")) {
      if (!place.firstChild) place.append(nameField(place.dataset));
      if (document.activeElement !== place.firstChild) place.firstChild.value = names.of(JSON.parse(place.dataset.nameField));
    }
    names.show(this.host);
  }

  #mark() {
    const { recipe } = this.model, names = namesOf(this.model);
    this.#name();
    for (const card of this.host.querySelectorAll("[data-recipe]")) {
      card.setAttribute("aria-pressed", String(recipe !== null && sameRecipe(JSON.parse(card.dataset.recipe), recipe)));
    }
    for (const place of this.host.querySelectorAll("[data-recipe-says]")) {
      const said = JSON.parse(place.dataset.recipeSays);
      place.textContent = isRecipe(said) ? recipeSays(said, names) : "";
    }
    for (const place of this.host.querySelectorAll("[data-selection-says]")) {
      place.textContent = recipe ? recipeSays(recipe, names) : "Nothing is selected.";
    }
  }

  // ---- gestures -----------------------------------------------------------------------------------------------

  #clicked(event) {
    const hit = (name) => event.target.closest(`[${name}]`);
    const picked = hit("data-recipe"), rule = hit("data-rule"), explained = hit("data-explain");
    if (explained) this.#explain(JSON.parse(explained.dataset.explain));
    else if (rule) {
      this.model.pages.set({ rule: JSON.parse(rule.dataset.rule) }, { of: OWN });
      this.parts.scrollTo("hypothesis");
    } else if (picked) this.model.select(JSON.parse(picked.dataset.recipe));
    else if (hit("data-open-explore")) this.model.pages.open("explore");
  }

  #explain(recipe) {
    if (!sameRecipe(recipe, this.model.recipe)) this.model.select(recipe);
    this.parts.scrollTo("explain");
  }

  #changed(field) {
    const { setting } = field.dataset ?? {};
    const named = field.parentElement?.dataset?.nameField;
    if (setting) this.model.pages.set({ [setting]: field.value === DEFAULTS[setting] ? null : field.value }, { of: OWN });
    else if (named) this.model.pages.names.give(JSON.parse(named), field.value);
  }
}

function nameField({ label }) {
  const field = Object.assign(document.createElement("input"), { type: "text", placeholder: "name it", maxLength: LONGEST_NAME });
  field.setAttribute("aria-label", label);
  return field;
}
