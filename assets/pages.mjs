// Which page is open: Explore, or one of those that lie over it, whose code is fetched when it is first opened. The page
// and the settings of each are part of the address, like all of the view.
import { ConceptNames } from "./concept-names.mjs";
import { searchOf } from "./url.mjs";
import { toast } from "./words.mjs";

/** The pages over Explore: the element of each, the name of its settings in the address, and its code. */
const OVER = {
  benchmark: { settings: "bench", load: () => import("./benchmark.mjs").then(({ Benchmark }) => Benchmark) },
  causes: { settings: "causes", load: () => import("./causes.mjs").then(({ Causes }) => Causes) },
};
const KNOWN = ["explore", ...Object.keys(OVER)];
const isPlain = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

export class Pages {
  #code = {};

  constructor(model) {
    this.model = model;
    this.names = new ConceptNames(this);
    this.current = "explore";
    this.chosen = Object.fromEntries(Object.values(OVER).map(({ settings }) => [settings, {}]));
    this.page = document.getElementById("page");
    this.hosts = Object.fromEntries(Object.keys(OVER).map((name) => [name, document.getElementById(name)]));
    document.getElementById("pages").addEventListener("click", (event) => this.#clicked(event));
    this.#mark();
  }

  /** Whether another page than Explore is open: its map and its cases are not seen. */
  get away() {
    return this.current !== "explore";
  }

  /** The settings of Benchmark. */
  get settings() {
    return this.chosen.bench;
  }

  /** What the address holds of this. */
  state() {
    return { page: this.away ? this.current : null, ...this.#settings() };
  }

  #settings() {
    return Object.fromEntries(Object.entries(this.chosen).map(([name, held]) => [name, Object.keys(held).length ? held : null]));
  }

  /** Takes page and settings from an address. */
  take(state) {
    if (state.page && !KNOWN.includes(state.page)) {
      toast({ title: `There is no page ${String(state.page).slice(0, 40)}`, detail: `Pages: ${KNOWN.join(", ")}.`, hint: "Explore is shown instead." }, "notice");
    }
    for (const name of Object.keys(this.chosen)) this.chosen[name] = isPlain(state[name]) ? state[name] : {};
    this.#show(KNOWN.includes(state.page) ? state.page : "explore");
    if (this.model.info) this.model.rendered.named();
    this.#tell("settled");
  }

  open(name) {
    if (name === this.current) return;
    this.#show(name);
    this.model.remember(true);
  }

  /** Opens a page at one of its parts. */
  async openAt(name, part) {
    this.open(name);
    (await this.#fetched(name)).scrollTo(part);
  }

  /** One setting of a page changed. */
  set(changes, { step = true, of = "bench" } = {}) {
    const kept = Object.entries({ ...this.chosen[of], ...changes }).filter(([, value]) => value !== null && value !== undefined && value !== "");
    this.chosen[of] = Object.fromEntries(kept);
    this.model.remember(step);
    this.#tell("settled");
  }

  /**
   * Opens the view of Explore that a number stands for: its run, score, studies and selection; the threshold stays. With
   * `keep` the studies are shown beside those that are, and what is selected stays so.
   */
  follow({ keep = false, ...way }) {
    const { info, view, target } = this.model;
    const settings = this.#settings();
    if (way.run !== info.run) {
      this.model.go({ target, ...way, ...settings });
      return;
    }
    // Written as the page itself writes it, so that this is one step and Back undoes it.
    const wanted = [view.source, ...way.studies, ...(keep ? view.studies : [])];
    const studies = info.studies.map((s) => s.name).filter((name) => wanted.includes(name));
    const fresh = { classes: null, columns: null, tab: null, sel: null, row: null, map: null, page: null };
    this.model.go({ ...this.model.state(), ...fresh, ...way, studies, ...(keep ? { sel: this.model.recipe } : {}), ...settings });
  }

  /** The links of the header lead to the present view on each page, for a new tab. */
  link() {
    if (!this.model.view) return;
    for (const link of document.querySelectorAll("#pages [data-page]")) {
      const page = link.dataset.page === "explore" ? null : link.dataset.page;
      link.href = window.location.pathname + searchOf({ ...this.model.state(), page });
    }
  }

  // ---- what the open page is told -----------------------------------------------------------------------------

  /** Run, score or another choice of the header changed. */
  viewed() {
    this.#tell("viewed");
  }

  /** The columns are there, or the threshold moved. */
  counted() {
    this.#tell("counted");
  }

  /** Another selection is made. */
  selected() {
    this.#tell("selected");
  }

  failed(problem) {
    this.#tell("failed", problem);
  }

  async #tell(what, ...about) {
    if (this.away) (await this.#fetched(this.current))[what]?.(...about);
  }

  #fetched(name) {
    this.#code[name] ??= OVER[name].load().then((Page) => new Page(this.model, this.hosts[name]));
    return this.#code[name];
  }

  // ---- the screen ---------------------------------------------------------------------------------------------

  #clicked(event) {
    const link = event.target.closest("[data-page]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    this.open(link.dataset.page);
  }

  #show(name) {
    const other = name !== this.current;
    this.current = name;
    this.#mark();
    if (other && name === "explore") this.model.explored();
    if (other && this.away) {
      this.#tell("viewed");
      if (this.model.data) this.#tell("counted");
    }
  }

  #mark() {
    this.page.dataset.page = this.current;
    for (const [name, host] of Object.entries(this.hosts)) host.hidden = this.current !== name;
    for (const link of document.querySelectorAll("#pages [data-page]")) {
      if (link.dataset.page === this.current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }
}
