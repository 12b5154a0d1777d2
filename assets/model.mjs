// The browser's model: what is looked at, what is selected, what the threshold accepts. It owns the view's state and
// mirrors it into Dash's stores (view, selection, focus) for the panels that the server renders. Nothing here decides
// what a lasso or a concept contains: the server resolves recipes; everything else is counted from exact columns.
import { Columns, ServerError } from "./columns.mjs";
import { counts, Ranking, total } from "./counting.mjs";
import { readState, searchOf, writeState } from "./url.mjs";
import { combine, isBounds, isRecipe, sameRecipe } from "./selecting.mjs";
import { CaseGrid } from "./casegrid.mjs";
import { Kept } from "./kept.mjs";
import { MapView } from "./mapview.mjs";
import { followSlider } from "./sliders.mjs";
import { derived } from "./derived.mjs";
import { ProjectionWatch } from "./projections.mjs";
import { bindClicks } from "./clicks.mjs";
import { openInspector } from "./drawers.mjs";
import { Rendered } from "./rendered.mjs";
import { Pages } from "./pages.mjs";
import { showSelection, showStats, showThreshold, toast } from "./words.mjs";

const CLASS_ROWS = 8;
const REST = 220; // milliseconds
const setProps = (id, props) => window.dash_clientside.set_props(id, props);

export class Model {
  constructor() {
    this.info = null;
    this.view = null;
    this.target = 950;
    this.tab = "silent";
    this.recipe = null;
    this.mask = null;
    this.focusRow = null;
    this.bounds = null;
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
    const follow = (id, use) => followSlider(document.getElementById(id), use);
    follow("threshold", (percent) => this.dragTarget(Math.round(percent * 10)));
    follow("point-size", (size) => this.map.setPoints({ size }));
    follow("point-opacity", (opacity) => this.map.setPoints({ opacity }));
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
    if (info.adrift?.length && info !== this.told) this.#adrift(info.adrift);
    this.told = info;
    if (info.error) {
      this.#failed(info.error);
      return undefined;
    }
    const names = info.studies.map((s) => s.name);
    if (!names.includes(source)) return undefined;
    const chosen = names.filter((n) => n === source || (studies ?? []).includes(n));
    if (!(studies ?? []).includes(source)) setProps("studies", { value: chosen }); // the source is always shown, and says so
    const view = {
      run: info.run, version: info.version, source, studies: chosen, classes: (classes ?? []).map((c) => (c === "new" ? c : Number(c))),
      score, target, colour, pair: [Number(label), Number(prediction)], projection,
      byPrediction: basis === "prediction", method, k: k === "auto" ? null : Number(k),
      columns: (columns ?? []).filter((c) => c !== source && chosen.includes(c)),
      classRows: this.info?.run === info.run ? this.view?.classRows ?? CLASS_ROWS : info.classRows ?? CLASS_ROWS,
    };
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
    this.#write(step && !fresh);
    this.pages.viewed();
    this.rendered.busy("concepts", true);
    this.refresh();
    return view;
  }

  #adrift(names) {
    const hint = "What is not there is shown as this run's first view has it.";
    toast({ title: "The address names what is not here", detail: `${names.join(", ")}.`, hint }, "notice");
  }

  #open(info) {
    this.columns = new Columns(info.run, info.version);
    this.kept.clear();
    this.data = null;
    this.mask = null;
    this.maskOf = null;
    this.recipe = null;
    this.focusRow = null;
    this.bounds = null;
    document.getElementById("page").dataset.run = info.run;
    this.map.opened(info);
    this.grid.clear();
    if (!this.pages.away) this.projections.ahead(this.view.projection);
    this.#takeSelection(this.wanted);
  }

  #takeSelection(state) {
    this.tab = ["silent", "failures", "rejected"].includes(state.tab) ? state.tab : "silent";
    setProps("inspector-tab", { value: this.tab });
    this.bounds = isBounds(state.map) ? state.map : null;
    if (state.map && !this.bounds) toast({ title: "The part of the map in the address cannot be read", detail: "", hint: "The whole map is shown instead." }, "notice");
    if (this.bounds) this.map.showBounds(this.bounds);
    this.map.labels.take(state.labels === true);
    const row = Number.isInteger(state.row) && state.row >= 0 && state.row < this.info.n ? state.row : null;
    this.#setFocus(row);
    const readable = state.sel === undefined || state.sel === null || isRecipe(state.sel);
    if (!readable) toast({ title: "The selection in the address cannot be read", detail: "", hint: "Everything is shown instead." }, "notice");
    this.#setRecipe(readable ? state.sel ?? null : null);
  }

  /** The address of what is looked at; a `step` can be gone back to. */
  remember(step) {
    this.#write(step);
  }

  #write(step) {
    if (!this.view) return;
    writeState(this.state(), { step });
    this.pages.link();
  }

  /** All that the address holds. */
  state() {
    const { run, source, studies, classes, score, colour, pair, projection, byPrediction, method, k, columns, classRows } = this.view;
    return {
      run, source, studies, classes: classes.length ? classes : null, score, target: this.target, colour,
      pair: colour === "confusion" ? pair : null, projection, byPrediction: byPrediction || null, method: method === "kmeans" ? null : method, k,
      columns: columns.length ? columns : null, classRows: classRows > CLASS_ROWS ? classRows : null, tab: this.tab === "silent" ? null : this.tab,
      sel: this.recipe, row: this.focusRow, map: this.bounds, labels: this.map.labels.on || null,
      ...this.pages.state(),
    };
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
    this.#write(false);
    this.#fillGrid();
  }

  setBounds(bounds) {
    this.bounds = bounds;
    this.#write(false);
  }

  select(part, mode = "replace") {
    const recipe = combine(this.recipe, part, mode);
    if (recipe === null && this.recipe !== null) {
      toast({ title: "This selection is full", detail: "It cannot hold more regions.", hint: "Clear it, or draw one lasso around them all." }, "notice");
      this.#draw(); // the map has shown the gesture already
      return;
    }
    this.#setRecipe(mode === "replace" && sameRecipe(recipe, this.recipe) && part?.kind === "concept" ? null : recipe);
    this.#write(true);
  }

  clearSelection() {
    this.#setRecipe(null);
    this.#write(true);
  }

  focus(row) {
    openInspector();
    this.#setFocus(row);
    this.#write(true);
  }

  /** A point of the 3-D view was clicked. */
  spaceClicked(clicks) {
    const row = clicks?.[0]?.points?.[0]?.customdata?.[0];
    if (this.data && Number.isInteger(row)) this.focus(row);
  }

  stepCase(by) {
    const rows = this.grid.rows;
    if (!rows.length) return;
    const place = this.focusRow === null ? -1 : this.grid.placeOf(this.focusRow);
    const next = place < 0 ? (by < rows.length ? 0 : rows.length - 1) : Math.min(Math.max(place + by, 0), rows.length - 1);
    this.#setFocus(rows[next]);
    this.#write(false);
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
        this.#write(false);
      });
      // Recipe and mask stay one: what was selected before is selected still.
      this.recipe = this.maskOf ?? null;
      setProps("selection", { data: this.recipe ? { run: this.info.run, recipe: this.recipe } : null });
      this.rendered.markSelected();
      this.#write(false);
      this.#draw();
    };
    this.#guard(fetched, failed);
  }

  // ---- from columns to the screen ---------------------------------------------------------------------------

  refresh() {
    if (!this.info || !this.view) return;
    const ticket = (this.ticket += 1);
    this.#guard(async () => {
      const { view, info, columns } = this;
      const judge = info.scores.find((s) => s.name === view.score)?.judge ?? "plain";
      const [study, label, prediction, score] = await Promise.all([
        columns.array("columns/study"), columns.array("columns/label"),
        columns.array(`columns/prediction.${judge}`), columns.score(view.score),
      ]);
      const extra = await this.#extraColumn(view.colour);
      if (ticket !== this.ticket) return;
      this.data = derived({ study, label, prediction, score, extra }, this);
      this.#threshold();
      this.#draw();
      if (!this.pages.away) this.projections.want(view.projection);
    }, (problem) => {
      toast(problem, "error", () => this.refresh());
      if (!this.data) this.map.failed(problem);
    });
  }

  async #extraColumn(colour) {
    if (colour.startsWith("column:")) return this.columns.colour(colour.slice(7));
    return colour === "trust" && this.map.shown ? this.projections.trustOf(this.map.shown) : null;
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

  // ---- words about a row ------------------------------------------------------------------------------------

  truthOf(row) {
    const { label, study, isNewStudy, classes } = this.data;
    if (isNewStudy[study[row]]) return `new class (${label[row]})`;
    return classes[label[row]] ?? `label ${label[row]}`;
  }

  predictionOf(row) {
    return this.data.classes[this.data.prediction[row]];
  }

  confidenceOf(row) {
    const code = this.data.codes[row];
    return code === 0 ? NaN : this.data.levels[code - 1];
  }

  studyOf(row) {
    return this.data.studies[this.data.study[row]].label;
  }

  kindOf(row) {
    if (!this.data.wrong[row]) return this.data.accepted(row) ? "right" : "doubted";
    return this.data.accepted(row) ? "silent" : "caught";
  }

  imageUrl(row, size) {
    return this.columns.imageUrl(row, size);
  }

  moreClasses() {
    this.view = { ...this.view, classRows: this.view.classRows + CLASS_ROWS };
    setProps("view", { data: this.view });
    this.rendered.busy("concepts", true);
    this.#write(false);
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

  async #guard(work, failed) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      failed(error.problem);
    }
  }
}
