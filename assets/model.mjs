// The browser's model: what is looked at, what is selected, what the threshold accepts. It owns the view's state and
// mirrors it into Dash's stores (view, selection, focus) for the panels that the server renders. Nothing here decides
// what a lasso or a concept contains: the server resolves recipes; everything else is counted from exact columns.
import { Columns, ServerError } from "./columns.mjs";
import { counts, failureMask, percentileOfCode, Ranking, shownMask, total } from "./counting.mjs";
import { readState, searchOf, writeState } from "./url.mjs";
import { combine, sameRecipe } from "./selecting.mjs";
import { CaseGrid } from "./casegrid.mjs";
import { Kept } from "./kept.mjs";
import { MapView } from "./mapview.mjs";
import { followSlider } from "./sliders.mjs";
import { show } from "./plain.mjs";
import { ProjectionWatch } from "./projections.mjs";
import { showSelection, showStats, showThreshold, toast } from "./words.mjs";

const CLASS_ROWS = 8;
const ASIDE = new Set(["validation", "train"]);
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
    this.#listen();
  }

  // ---- where states come from -------------------------------------------------------------------------------

  boot() {
    this.wanted = readState(window.location.search);
    return { search: window.location.search, n: 0 };
  }

  #listen() {
    let visits = 0;
    window.addEventListener("popstate", () => {
      visits += 1;
      this.wanted = readState(window.location.search);
      if (this.info && (this.wanted.run ?? this.info.run) === this.info.run) this.#takeSelection(this.wanted);
      setProps("url", { data: { search: window.location.search, n: visits } });
    });
    document.addEventListener("click", (event) => this.#clicked(event));
    const follow = (id, use) => followSlider(document.getElementById(id), use);
    follow("threshold", (percent) => this.dragTarget(Math.round(percent * 10)));
    follow("point-size", (size) => this.map.setPoints({ size }));
    follow("point-opacity", (opacity) => this.map.setPoints({ opacity }));
    new MutationObserver(() => this.refresh()).observe(document.documentElement, {
      attributes: true, attributeFilter: ["data-mantine-color-scheme"],
    });
  }

  #go(state) {
    window.history.pushState(null, "", window.location.pathname + searchOf(state));
    window.dispatchEvent(new PopStateEvent("popstate"));
  }

  openRun(run) {
    // Also called when the page itself fills the picker: the address then names that run already.
    const open = readState(window.location.search).run ?? this.info?.run;
    if (run && open && run !== open) this.#go({ run });
  }

  reset() {
    if (this.info) this.#go({ run: this.info.run });
    this.map.fit();
  }

  /** All control values as one view; undefined where nothing changed. */
  viewFromControls(info, source, studies, classes, score, target, colour, label, prediction, projection, basis, k, columns) {
    if (!info) return undefined;
    if (info.error) {
      this.#failed(info.error);
      return undefined;
    }
    const names = info.studies.map((s) => s.name);
    if (!names.includes(source)) return undefined;
    const chosen = names.filter((n) => n === source || (studies ?? []).includes(n));
    const view = {
      run: info.run, source, studies: chosen, classes: (classes ?? []).map((c) => (c === "new" ? c : Number(c))),
      score, target, colour, pair: [Number(label), Number(prediction)], projection,
      byPrediction: basis === "prediction", k: k === "auto" ? null : Number(k), columns: columns ?? [],
      classRows: this.info?.run === info.run ? this.view?.classRows ?? CLASS_ROWS : CLASS_ROWS,
    };
    const fresh = !this.info || this.info.run !== info.run || this.info.version !== info.version;
    if (!fresh && JSON.stringify(view) === JSON.stringify(this.view)) return undefined;
    const step = fresh || view.score !== this.view?.score;
    this.info = info;
    this.view = view;
    this.target = target;
    document.getElementById("page").dataset.pair = colour === "confusion" && info.classes.length > 2 ? "1" : "";
    if (fresh) this.#open(info);
    this.#write(step && !fresh);
    this.refresh();
    return view;
  }

  #open(info) {
    this.columns = new Columns(info.run, info.version);
    this.kept.clear();
    this.data = null;
    this.mask = null;
    this.recipe = null;
    this.focusRow = null;
    this.bounds = null;
    document.getElementById("page").dataset.run = info.run;
    this.map.opened(info);
    this.grid.clear();
    this.#takeSelection(this.wanted);
  }

  #takeSelection(state) {
    this.tab = ["silent", "failures", "rejected"].includes(state.tab) ? state.tab : "silent";
    setProps("inspector-tab", { value: this.tab });
    this.bounds = Array.isArray(state.map) && state.map.length === 4 ? state.map : null;
    if (this.bounds) this.map.showBounds(this.bounds);
    const row = Number.isInteger(state.row) && state.row >= 0 && state.row < this.info.n ? state.row : null;
    this.#setFocus(row);
    this.#setRecipe(state.sel ?? null);
  }

  #write(step) {
    if (!this.view) return;
    const { run, source, studies, classes, score, colour, pair, projection, byPrediction, k, columns } = this.view;
    writeState({
      run, source, studies, classes: classes.length ? classes : null, score, target: this.target, colour,
      pair: colour === "confusion" ? pair : null, projection, byPrediction: byPrediction || null, k,
      columns: columns.length ? columns : null, tab: this.tab === "silent" ? null : this.tab,
      sel: this.recipe, row: this.focusRow, map: this.bounds,
    }, { step });
  }

  // ---- gestures ---------------------------------------------------------------------------------------------

  dragTarget(target) {
    if (!this.data || target === this.target) return;
    this.target = target;
    this.#threshold();
    this.#draw();
    clearTimeout(this.rest);
    this.rest = setTimeout(() => setProps("target-rest", { data: target }), 220);
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
    this.#setRecipe(mode === "replace" && sameRecipe(recipe, this.recipe) && part?.kind === "concept" ? null : recipe);
    this.#write(true);
  }

  clearSelection() {
    this.#setRecipe(null);
    this.#write(true);
  }

  focus(row) {
    document.getElementById("page").classList.add("show-inspector");
    this.#setFocus(row);
    this.#write(true);
  }

  stepCase(by) {
    const rows = this.grid.rows;
    if (!rows.length) return;
    const place = this.focusRow === null ? -1 : this.grid.placeOf(this.focusRow);
    const next = place < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(place + by, 0), rows.length - 1);
    this.#setFocus(rows[next]);
    this.#write(false);
  }

  #setFocus(row) {
    this.focusRow = row;
    setProps("focus", { data: row === null ? null : { run: this.info.run, row } });
    this.grid.showFocus();
    this.map.showFocus();
    document.getElementById("inspector").classList.toggle("has-focus", row !== null);
  }

  #setRecipe(recipe) {
    this.recipe = recipe;
    setProps("selection", { data: recipe ? { run: this.info.run, recipe } : null });
    this.conceptsShown();
    const ticket = (this.maskTicket = (this.maskTicket ?? 0) + 1);
    if (!recipe) {
      this.mask = null;
      this.#draw();
      return;
    }
    this.#guard(async () => {
      const mask = await this.columns.mask(recipe, this.info.n);
      if (ticket !== this.maskTicket) return;
      this.mask = mask;
      this.#draw();
    });
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
      this.data = this.#derived({ study, label, prediction, score, extra });
      this.#threshold();
      this.#draw();
      this.projections.want(view.projection);
    });
  }

  async #extraColumn(colour) {
    if (colour.startsWith("column:")) return this.columns.colour(colour.slice(7));
    if (colour !== "trust" || !this.map.shown) return null;
    return { meta: {}, codes: await this.columns.array(`columns/trust?projection=${this.map.shown}`) };
  }

  #derived({ study, label, prediction, score, extra }) {
    const { info, view } = this;
    const { studies, classes } = info;
    const chosen = new Set(view.studies);
    const levels = score.levels.length;
    const place = studies.findIndex((s) => s.name === info.reference); // -1: all samples stand in
    const reference = place < 0 ? null : place;
    const { kept } = this;
    return {
      study, label, prediction, codes: score.codes, levels: score.levels, meta: score.meta, extra, studies, classes, chosen,
      pair: view.pair,
      domainOfStudy: Uint8Array.from(studies, (s) => (s.name === view.source ? 0 : ASIDE.has(s.kind) ? 2 : 1)),
      isNewStudy: Uint8Array.from(studies, (s) => (s.kind === "new_class" ? 1 : 0)),
      hasNew: studies.some((s) => s.kind === "new_class" && chosen.has(s.name)),
      shown: kept.get("shown", [study, label, JSON.stringify([view.studies, view.classes])], () =>
        shownMask({ study, label, studies, chosen, classes: view.classes, classCount: classes.length })),
      wrong: kept.get("wrong", [study, label, prediction], () => failureMask({ study, label, prediction, studies })),
      percentile: kept.get("percentile", [score.codes, study, reference], () =>
        percentileOfCode({ codes: score.codes, study, reference, levels })),
    };
  }

  #threshold() {
    const { table } = this.data.meta;
    const first = table.code[this.target];
    this.data.first = first;
    this.data.accepted = (i) => this.data.codes[i] >= first && this.data.codes[i] > 0;
  }

  #draw() {
    if (!this.data) return;
    const { shown, wrong, codes, study, first, studies } = this.data;
    const per = counts({ shown, wrong, codes, study, first, studies });
    showStats(this, per, total(per));
    showThreshold(this);
    const within = this.mask && total(counts({ shown, wrong, codes, study, first, studies, within: this.mask }));
    showSelection(this, within);
    this.map.draw();
    this.#fillGrid();
  }

  #fillGrid() {
    if (!this.data) return;
    const { shown, wrong, codes, levels, first } = this.data;
    const ranking = this.kept.get("ranking", [shown, wrong, codes, this.mask], () =>
      new Ranking({ shown, wrong, codes, levels: levels.length, within: this.mask }));
    this.grid.show(ranking.rows(this.tab, first));
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

  // ---- the page's own clicks --------------------------------------------------------------------------------

  #clicked(event) {
    const hit = (attribute) => event.target.closest?.(`[${attribute}]`);
    const concept = hit("data-concept");
    const row = hit("data-row");
    const step = hit("data-step");
    const choose = hit("data-choose");
    const toggle = hit("data-toggle");
    if (concept) this.select(JSON.parse(concept.dataset.concept), event.shiftKey ? "add" : "replace");
    else if (row) this.focus(Number(row.dataset.row));
    else if (step) this.stepCase(Number(step.dataset.step));
    else if (choose) this.#chooseKind(choose.dataset.kind, choose.dataset.choose === "all");
    else if (toggle) document.getElementById("page").classList.toggle(`show-${toggle.dataset.toggle}`);
    else if (hit("data-more-classes")) this.#moreClasses();
    else if (hit("data-clear")) this.clearSelection();
    else if (hit("data-share")) this.#share();
  }

  #chooseKind(kind, all) {
    if (!this.info) return;
    const keep = this.info.studies.filter((s) => (s.kind === kind ? all : this.view.studies.includes(s.name)));
    setProps("studies", { value: keep.map((s) => s.name) });
  }

  #moreClasses() {
    this.view = { ...this.view, classRows: this.view.classRows + CLASS_ROWS };
    setProps("view", { data: this.view });
  }

  async #share() {
    try {
      await navigator.clipboard.writeText(window.location.href);
      toast({ title: "The address of this view is copied", detail: "", hint: "" }, "info");
    } catch {
      toast({ title: "Copy the address from the address bar", detail: window.location.href, hint: "" }, "info");
    }
  }

  showConcepts(tree) {
    show(document.getElementById("concepts"), tree);
    this.conceptsShown();
  }

  showCase(tree) {
    show(document.getElementById("case"), tree);
  }

  /** Marks the cards whose concept is selected; called when cards or selection change. */
  conceptsShown() {
    const selected = JSON.stringify(this.recipe);
    for (const card of document.querySelectorAll("[data-concept]")) {
      const own = JSON.stringify(JSON.parse(card.dataset.concept)) === selected;
      card.setAttribute("aria-pressed", own ? "true" : "false");
    }
    this.map.refreshImages();
  }

  // ---- problems ---------------------------------------------------------------------------------------------

  showProblem(problem) {
    toast(problem, "error");
  }

  #failed(problem) {
    this.info = null;
    this.view = null;
    this.data = null;
    this.map.failed(problem);
    this.grid.clear();
    for (const id of ["stats", "threshold-says", "selection-says"]) document.getElementById(id).replaceChildren();
  }

  async #guard(work) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      toast(error.problem, "error");
    }
  }
}
