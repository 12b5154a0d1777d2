// Which page is open: Explore, or Benchmark, whose code is fetched when it is first opened. The page and the settings
// of Benchmark are part of the address, like all of the view.
import { searchOf } from "./url.mjs";
import { toast } from "./words.mjs";

const KNOWN = ["explore", "benchmark"];
const isPlain = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

export class Pages {
  #benchmark = null;

  constructor(model) {
    this.model = model;
    this.current = "explore";
    this.settings = {};
    this.page = document.getElementById("page");
    this.host = document.getElementById("benchmark");
    document.getElementById("pages").addEventListener("click", (event) => this.#clicked(event));
    this.#mark();
  }

  /** Whether another page than Explore is open: its map and its cases are not seen. */
  get away() {
    return this.current !== "explore";
  }

  /** What the address holds of this. */
  state() {
    return { page: this.away ? this.current : null, bench: Object.keys(this.settings).length ? this.settings : null };
  }

  /** Takes page and settings from an address. */
  take(state) {
    if (state.page && !KNOWN.includes(state.page)) {
      toast({ title: `There is no page ${String(state.page).slice(0, 40)}`, detail: `Pages: ${KNOWN.join(", ")}.`, hint: "Explore is shown instead." }, "notice");
    }
    this.settings = isPlain(state.bench) ? state.bench : {};
    this.#show(KNOWN.includes(state.page) ? state.page : "explore");
    this.#tell("settled");
  }

  open(name) {
    if (name === this.current) return;
    this.#show(name);
    this.model.remember(true);
  }

  /** One setting of Benchmark changed. */
  set(changes, { step = true } = {}) {
    const kept = Object.entries({ ...this.settings, ...changes }).filter(([, value]) => value !== null && value !== undefined && value !== "");
    this.settings = Object.fromEntries(kept);
    this.model.remember(step);
    this.#tell("settled");
  }

  /** Opens the view of Explore that a number stands for: its run, score, studies and selection; the threshold stays. */
  follow(way) {
    const { info, view, target } = this.model;
    const bench = this.state().bench;
    if (way.run !== info.run) {
      this.model.go({ target, ...way, bench });
      return;
    }
    // Written as the page itself writes it, so that this is one step and Back undoes it.
    const studies = info.studies.map((s) => s.name).filter((name) => name === view.source || way.studies.includes(name));
    const fresh = { classes: null, columns: null, tab: null, sel: null, row: null, map: null, page: null };
    this.model.go({ ...this.model.state(), ...fresh, ...way, studies, bench });
  }

  /** The links of the header lead to the present view on each page, for a new tab. */
  link() {
    if (!this.model.view) return;
    for (const link of document.querySelectorAll("#pages [data-page]")) {
      const page = link.dataset.page === "explore" ? null : link.dataset.page;
      link.href = window.location.pathname + searchOf({ ...this.model.state(), page });
    }
  }

  // ---- what Benchmark is told, where it is open ---------------------------------------------------------------

  /** Run, score or another choice of the header changed. */
  viewed() {
    this.#tell("viewed");
  }

  /** The columns are there, or the threshold moved. */
  counted() {
    this.#tell("counted");
  }

  failed(problem) {
    this.#tell("failed", problem);
  }

  async #tell(what, ...about) {
    if (this.current !== "benchmark") return;
    (await this.#fetched())[what](...about);
  }

  #fetched() {
    this.#benchmark ??= import("./benchmark.mjs").then(({ Benchmark }) => new Benchmark(this.model, this.host));
    return this.#benchmark;
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
    if (other && name === "benchmark") {
      this.#tell("viewed");
      if (this.model.data) this.#tell("counted");
    }
  }

  #mark() {
    this.page.dataset.page = this.current;
    this.host.hidden = this.current !== "benchmark";
    for (const link of document.querySelectorAll("#pages [data-page]")) {
      if (link.dataset.page === this.current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }
}
