// The browser's model: what is looked at, what is selected, what the threshold accepts. It owns the view's state and
// mirrors it into Dash's stores (view, selection, focus) for the panels that the server renders. Nothing here decides
// what a lasso or a concept contains: the server resolves recipes; everything else is counted from exact columns.
import { Columns, guarded } from "./columns.mjs";
import { counts, Ranking, total } from "./counting.mjs";
import { readState, searchOf, writeState } from "./url.mjs";
import { adrift, askedBy, CLASS_ROWS, stateOf, viewOf } from "./view.mjs";
import { combine, sameRecipe } from "./selecting.mjs";
import { CaseGrid } from "./casegrid.mjs";
import { Kept } from "./kept.mjs";
import { MapView } from "./mapview.mjs";
import { followSliders } from "./sliders.mjs";
import { derived, gathered } from "./derived.mjs";
import { ProjectionWatch } from "./projections.mjs";
import { bindClicks } from "./clicks.mjs";
import { openInspector } from "./drawers.mjs";
import { Rows } from "./rows.mjs";
import { Rendered } from "./rendered.mjs";
import { Pages } from "./pages.mjs";
import { showSelection, showStats, showThreshold, toast } from "./words.mjs";

const REST = 220; // milliseconds
const BLANK = { data: null, mask: null, maskOf: null, recipe: null, focusRow: null, bounds: null }; // of a run just opened
const setProps = (id, props) => window.dash_clientside.set_props(id, props);

export class Model extends Rows {
  constructor() {
    super();
    this.info = null;
    this.view = null;
    this.target = 950;
    this.tab = "silent";
    Object.assign(this, BLANK);
    this.ticket = 0;
    this.kept = new Kept();
    this.wanted = {};
    this.map = new MapView(this);
    this.grid = new CaseGrid(document.getElementById("case-grid"), this);
    this.projections = new ProjectionWatch(this);
    this.rendered = new Rendered(this);
    this.pages = new Pages(this);
    this.#listen();
  }

  // ---- where states come from -------------------------------------------------------------------------------

  boot() {
    this.wanted = readState(window.location.search);
    this.pages.take(this.wanted);
    return { search: window.location.search, n: 0 };
  }

  #listen() {
    let visits = 0;
    window.addEventListener("popstate", () => {
      visits += 1;
      this.wanted = readState(window.location.search);
      this.pages.take(this.wanted);
      if (this.info && (this.wanted.run ?? this.info.run) === this.info.run) this.#takeSelection(this.wanted);
      setProps("url", { data: { search: window.location.search, n: visits } });
    });
    bindClicks(this);
    followSliders(this);
    new MutationObserver(() => this.refresh()).observe(document.documentElement, {
      attributes: true, attributeFilter: ["data-mantine-color-scheme"],
    });
  }

  /** Goes to a view, as a link would. */
  go(state) {
    window.history.pushState(null, "", window.location.pathname + searchOf(state));
    window.dispatchEvent(new PopStateEvent("popstate"));
  }

  openRun(run) {
    // Also called when the page itself fills the picker: the address then names that run already.
    const open = readState(window.location.search).run ?? this.info?.run;
    if (run && open && run !== open) this.go({ run, ...this.pages.state() });
  }

  reset() {
    if (this.info) this.go({ run: this.info.run, ...this.pages.state() });
    this.map.fit();
  }

  /** All control values as one view; undefined where nothing changed. */
  viewFromControls(info, source, studies, classes, score, target, colour, label, prediction, projection, basis, method, k, columns) {
    if (!info) return undefined;
    if (info.adrift?.length && info !== this.told) toast(adrift(info.adrift), "notice");
    this.told = info;
    if (info.error) {
      this.#failed(info.error);
      return undefined;
    }
    const names = info.studies.map((s) => s.name);
    if (!names.includes(source)) return undefined;
    const chosen = names.filter((n) => n === source || (studies ?? []).includes(n));
    if (!(studies ?? []).includes(source)) setProps("studies", { value: chosen }); // the source is always shown, and says so
    const classRows = this.info?.run === info.run ? this.view?.classRows ?? CLASS_ROWS : info.classRows ?? CLASS_ROWS;
    const view = viewOf(info, chosen, classRows, { source, classes, score, target, colour, label, prediction, projection, basis, method, k, columns });
    const fresh = !this.info || this.info.run !== info.run || this.info.version !== info.version;
    if (!fresh && JSON.stringify(view) === JSON.stringify(this.view)) {
      requestAnimationFrame(() => this.#draw()); // the study list may have been written anew, without its counts
      return undefined;
    }
    if (!fresh && view.projection !== this.view.projection) this.bounds = null; // they are another map's
    const step = fresh || view.score !== this.view?.score;
    this.info = info;
    this.view = view;
    this.target = target;
    document.getElementById("page").dataset.pair = colour === "confusion" && info.classes.length > 2 ? "1" : "";
    if (fresh) this.#open(info);
    this.remember(step && !fresh);
    this.pages.viewed();
    this.rendered.busy("concepts", true);
    this.refresh();
    return view;
  }

  #open(info) {
    this.columns = new Columns(info.run, info.version);
    this.kept.clear();
    Object.assign(this, BLANK);
    document.getElementById("page").dataset.run = info.run;
    this.map.opened(info);
    this.grid.clear();
    if (!this.pages.away) this.projections.ahead(this.view.projection);
    this.#takeSelection(this.wanted);
  }

  #takeSelection(state) {
    const asked = askedBy(state, this.info.n);
    this.tab = asked.tab;
    setProps("inspector-tab", { value: this.tab });
    this.bounds = asked.bounds;
    for (const problem of asked.problems) toast(problem, "notice");
    if (this.bounds) this.map.showBounds(this.bounds);
    this.map.labels.take(asked.labels);
    this.#setFocus(asked.row);
    this.#setRecipe(asked.recipe);
  }

  /** The address of what is looked at; a `step` can be gone back to. */
  remember(step) {
    if (!this.view) return;
    writeState(this.state(), { step });
    this.pages.link();
  }

  /** All that the address holds. */
  state() {
    const { target, tab, recipe, focusRow: row, bounds } = this;
    return { ...stateOf(this.view, { target, tab, recipe, row, bounds, labels: this.map.labels.on }), ...this.pages.state() };
  }

  // ---- gestures ---------------------------------------------------------------------------------------------

  dragTarget(target) {
    if (!this.data || target === this.target) return;
    this.target = target;
    this.#threshold();
    this.#draw();
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.#rested(target), REST);
  }

  /** The lists follow a threshold at rest; those of Explore behind another page not before the slider is let go. */
  #rested(target) {
    if (this.pages.away && document.querySelector("#threshold:active")) this.rest = setTimeout(() => this.#rested(target), REST);
    else setProps("target-rest", { data: target });
  }

  setTab(tab) {
    if (!tab || tab === this.tab) return;
    this.tab = tab;
    this.remember(false);
    this.#fillGrid();
  }

  setBounds(bounds) {
    this.bounds = bounds;
    this.remember(false);
  }

  select(part, mode = "replace") {
    const recipe = combine(this.recipe, part, mode);
    if (recipe === null && this.recipe !== null) {
      toast({ title: "This selection is full", detail: "It cannot hold more regions.", hint: "Clear it, or draw one lasso around them all." }, "notice");
      this.#draw(); // the map has shown the gesture already
      return;
    }
    this.#setRecipe(mode === "replace" && sameRecipe(recipe, this.recipe) && part?.kind === "concept" ? null : recipe);
    this.remember(true);
  }

  clearSelection() {
    this.#setRecipe(null);
    this.remember(true);
  }

  focus(row) {
    openInspector();
    this.#setFocus(row);
    this.remember(true);
  }

  /** A point of the 3-D view was clicked. */
  spaceClicked(clicks) {
    const row = clicks?.[0]?.points?.[0]?.customdata?.[0];
    if (this.data && Number.isInteger(row)) this.focus(row);
  }

  stepCase(by) {
    const row = this.grid.rowBeside(this.focusRow, by);
    if (row === null) return;
    this.#setFocus(row);
    this.remember(false);
  }

  #setFocus(row) {
    if (row !== this.focusRow || row === null) this.rendered.draftCase(row);
    this.focusRow = row;
    setProps("focus", { data: row === null ? null : { run: this.info.run, row } });
    this.grid.showFocus();
    this.map.showFocus();
    document.getElementById("inspector").classList.toggle("has-focus", row !== null);
    this.rendered.markFocus();
  }

  #setRecipe(recipe) {
    this.recipe = recipe;
    setProps("selection", { data: recipe ? { run: this.info.run, recipe } : null });
    this.rendered.markSelected();
    this.pages.selected();
    const ticket = (this.maskTicket = (this.maskTicket ?? 0) + 1);
    if (!recipe) {
      this.mask = null;
      this.maskOf = null;
      this.#draw();
      return;
    }
    const fetched = async () => {
      const mask = await this.columns.mask(recipe, this.info.n);
      if (ticket !== this.maskTicket) return;
      this.mask = mask;
      this.maskOf = recipe;
      this.#draw();
    };
    const failed = (problem) => {
      if (ticket !== this.maskTicket) return;
      toast(problem, "error", () => {
        this.#setRecipe(recipe);
        this.remember(false);
      });
      // Recipe and mask stay one: what was selected before is selected still.
      this.recipe = this.maskOf ?? null;
      setProps("selection", { data: this.recipe ? { run: this.info.run, recipe: this.recipe } : null });
      this.rendered.markSelected();
      this.remember(false);
      this.#draw();
    };
    guarded(fetched, failed);
  }

  // ---- from columns to the screen ---------------------------------------------------------------------------

  refresh() {
    if (!this.info || !this.view) return;
    const ticket = (this.ticket += 1);
    guarded(async () => {
      const { view } = this;
      const columns = await gathered(this);
      if (ticket !== this.ticket) return;
      this.data = derived(columns, this);
      this.#threshold();
      this.#draw();
      if (!this.pages.away) this.projections.want(view.projection);
    }, (problem) => {
      toast(problem, "error", () => this.refresh());
      if (!this.data) this.map.failed(problem);
    });
  }

  #threshold() {
    const { table } = this.data.meta;
    const first = table.code[this.target];
    this.data.first = first;
    this.data.accepted = (i) => this.data.codes[i] >= first && this.data.codes[i] > 0;
  }

  /** The map is seen again. */
  explored() {
    this.#draw();
    if (this.data) this.projections.want(this.view.projection);
  }

  #draw() {
    if (!this.data) return;
    if (this.pages.away) {
      showThreshold(this);
      this.pages.counted();
      return;
    }
    const { shown, wrong, codes, study, first, studies } = this.data;
    const per = counts({ shown, wrong, codes, study, first, studies });
    showStats(this, per, total(per));
    showThreshold(this);
    const within = this.mask && total(counts({ shown, wrong, codes, study, first, studies, within: this.mask }));
    showSelection(this, within);
    const noThreshold = this.data.meta.table.value[this.target] === null;
    this.counted = { noThreshold, all: total(per), within, empty: within?.shown === 0 && !this.mask.includes(1) };
    this.map.draw();
    this.#fillGrid();
    if (this.focusRow !== null && this.rendered.waitsForCase) this.rendered.draftCase(this.focusRow);
  }

  #fillGrid() {
    if (!this.data) return;
    const { shown, wrong, codes, levels, first } = this.data;
    const ranking = this.kept.get("ranking", [shown, wrong, codes, this.mask], () =>
      new Ranking({ shown, wrong, codes, levels: levels.length, within: this.mask }));
    this.grid.show(ranking.rows(this.tab, first), this.counted);
  }

  moreClasses() {
    this.view = { ...this.view, classRows: this.view.classRows + CLASS_ROWS };
    setProps("view", { data: this.view });
    this.rendered.busy("concepts", true);
    this.remember(false);
  }

  // ---- problems ---------------------------------------------------------------------------------------------

  showProblem(problem) {
    toast(problem, "error");
    this.rendered.failed();
    if (!this.info) this.map.failed(problem);
  }

  #failed(problem) {
    this.info = null;
    this.view = null;
    this.data = null;
    this.pages.failed(problem);
    this.map.failed(problem);
    this.grid.clear();
    for (const id of ["stats", "threshold-says", "selection-says"]) document.getElementById(id).replaceChildren();
  }
}
