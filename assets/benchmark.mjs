// The page Benchmark. Each part is asked for when it is scrolled to and whenever what it depends on changes; the server
// computes and renders it (plain.mjs puts it onto the page), but for the operating point, which is counted here.
import { ALL, chosenAmong, chosenScores, Controls, setting } from "./benchmark-controls.mjs";
import { clearCharts, csvOf, download, drawCharts, recolour, save, toggleLine } from "./benchmark-charts.mjs";
import { OperatingPoint } from "./benchmark-operating.mjs";
import { waiting } from "./benchmark-waiting.mjs";
import { queryOf, ServerError } from "./columns.mjs";
import { Kept } from "./kept.mjs";
import { show } from "./plain.mjs";
import { followParts } from "./reading.mjs";
import { toast } from "./words.mjs";

const INTERVALS_UNASKED = 20_000;
const node = (type, className, ...children) => ({ type, props: { className, children } });

const weighed = (b) => ({ cost: b.settings.cost, prevalence: b.settings.prevalence });

/** What each part depends on, as the query of its address. */
const DEPENDS = {
  table: (b) => ({ metric: b.setting("metric"), scope: b.setting("scope"), columns: b.setting("columns"), group: b.settings.group, ...weighed(b) }),
  curves: (b) => ({ ...(b.settings.study === ALL
    ? { every: 1, score: b.view.score, target: b.view.target }
    : { study: b.study, scores: chosenScores(b.settings, b.view, b.available), target: b.view.target }), ...weighed(b) }),
  calibration: (b) => ({ study: b.study, score: b.view.score, target: b.view.target }),
  confusion: (b) => ({ study: b.study, score: b.view.score }),
  severity: (b) => ({ score: b.view.score, target: b.view.target, ...weighed(b) }),
  audit: (b) => ({ score: b.view.score, risk: b.setting("risk"), delta: b.setting("delta"), on: b.setting("on") }),
  missed: (b) => ({ where: b.settings.where, target: b.view.target, scores: chosenAmong(b.settings, b.about, b.available) }),
  forensics: (b) => ({ study: b.study }),
  compare: (b) => ({ other: b.settings.other, score: b.view.score, target: b.view.target, metric: b.setting("metric"), group: b.settings.group }),
};

export class Benchmark {
  constructor(model, host) {
    this.model = model;
    this.host = host;
    this.kept = new Kept();
    this.parts = new Map();
    this.about = null;
    this.controls = new Controls(host, (changes) => model.pages.set(changes));
    for (const section of host.querySelectorAll("[data-part]")) {
      const name = section.dataset.part;
      this.parts.set(name, { name, section, body: section.querySelector(".bench-body"), near: false, asked: null, waits: 0, figures: {}, facts: {} });
    }
    this.operating = new OperatingPoint(this, this.parts.get("cockpit").body);
    followParts(host, this.parts, (part) => this.#refresh(part));
    host.addEventListener("click", (event) => this.#clicked(event));
    for (const kind of ["mouseover", "focusin"]) host.addEventListener(kind, (event) => this.#tell(event.target));
    new MutationObserver(() => recolour(host)).observe(document.documentElement, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });
  }

  get settings() {
    return this.model.pages.settings;
  }

  get view() {
    return this.model.view;
  }

  get available() {
    return this.model.info.scores.filter((s) => s.available);
  }

  /** The column that curves, confidence and confusion show. */
  get study() {
    const names = this.about.columns.map((c) => c.name);
    return names.includes(this.settings.study) ? this.settings.study : names[0];
  }

  setting(name) {
    return setting(this.settings, name);
  }

  // ---- what the model tells -----------------------------------------------------------------------------------

  /** The run, the score or another choice of the header changed. */
  async viewed() {
    const { info, columns } = this.model;
    if (!info || !this.view) return;
    const key = `${info.run}|${info.version}`;
    if (this.aboutOf !== key) {
      this.about = null;
      this.operating.reset();
      this.kept.clear();
      this.aboutOf = key;
      for (const part of this.parts.values()) this.#empty(part);
      const known = await this.#asked(columns, "about", {});
      if (this.aboutOf !== key || !known) return;
      this.about = known.facts;
    }
    this.settled();
  }

  /** The settings are others. */
  settled() {
    if (!this.about || !this.view) return;
    this.controls.show({ settings: this.settings, info: this.model.info, view: this.view, about: this.about });
    for (const part of this.parts.values()) this.#refresh(part);
    this.counted();
  }

  /** The columns are there, or the threshold moved. */
  counted() {
    const { data, view } = this.model;
    if (data && this.about && data.meta.name === view.score) this.operating.counted();
  }

  failed(problem) {
    this.aboutOf = null;
    this.about = null;
    for (const part of this.parts.values()) {
      this.#empty(part);
      this.#say(part, problem.title, [problem.detail, problem.hint]);
    }
  }

  // ---- parts that the server makes ----------------------------------------------------------------------------

  #empty(part) {
    part.asked = null;
    clearCharts(part.body);
    part.body.replaceChildren();
  }

  async #refresh(part) {
    if (!part.near || !this.about || !DEPENDS[part.name]) return;
    const query = DEPENDS[part.name](this);
    const text = JSON.stringify([this.aboutOf, query, part.name === "table" && this.#wantsIntervals()]);
    if (text === part.asked) return;
    part.asked = text;
    const answer = await this.ask(part.name, query, part);
    if (part.asked !== text || !answer) return;
    await this.#fill(part, answer);
    if (part.name === "table" && this.#wantsIntervals()) await this.#intervals(part, query, text);
  }

  async #intervals(part, query, text) {
    part.body.dataset.intervals = "running";
    const answer = await this.ask(part.name, { ...query, intervals: 1 }, part);
    if (part.asked !== text || !answer) return;
    await this.#fill(part, answer);
    part.body.dataset.intervals = "ready";
  }

  #wantsIntervals() {
    const asked = this.settings.intervals;
    if (asked !== undefined) return asked === "1";
    return this.setting("scope") === "run" && this.model.info.n <= INTERVALS_UNASKED;
  }

  async #fill(part, { tree, figures, facts }) {
    clearCharts(part.body);
    show(part.body, tree);
    part.figures = figures;
    part.facts = facts;
    this.#pressed();
    await drawCharts(part.body, figures, (key, point) => this.#point(part, key, point));
    part.body.dataset.ready = String(1 + Number(part.body.dataset.ready ?? 0));
  }

  /** An answer of the server, or null where there is none; `part` shows that it waits, how far it is, why it failed. */
  ask(name, query, part = null) {
    return this.#asked(this.model.columns, name, query, part);
  }

  async #asked(columns, name, query, part = null) {
    const path = `benchmark/${name}?${queryOf(query)}`;
    const over = part ? waiting(part, () => columns.part(`${path}&progress=1`)) : () => {};
    try {
      return await columns.part(path);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      if (part) this.#say(part, error.problem.title, [error.problem.detail, error.problem.hint]);
      else toast(error.problem, "error", () => this.viewed());
      if (part) part.asked = null;
      else this.aboutOf = null;
      return null;
    } finally {
      over();
    }
  }

  #say(part, title, lines) {
    clearCharts(part.body);
    show(part.body, node("Div", "empty-inline", node("P", "", title), ...lines.filter(Boolean).map((text) => node("P", "quiet-text", text))));
  }

  // ---- gestures -----------------------------------------------------------------------------------------------

  #clicked(event) {
    const hit = (attribute) => event.target.closest(`[${attribute}]`);
    const out = hit("data-export"), table = hit("data-table-csv"), line = hit("data-line");
    if (out) this.#save(out);
    else if (hit("data-intervals")) this.model.pages.set({ intervals: this.#wantsIntervals() ? "0" : "1" });
    else if (table) this.#saveTable(this.parts.get(table.closest("[data-part]").dataset.part));
    else if (line) toggleLine(line, line.closest(".bench-body"));
  }

  get #run() {
    return this.model.info.run.replaceAll("/", "_");
  }

  #save(button) {
    const place = button.closest("[data-chart]");
    save(place, button.dataset.export, `${this.#run}_${place.dataset.chart}`);
  }

  #saveTable({ name, body, facts }) {
    const table = body.querySelector(".bench-scroll table");
    if (table) download(`${this.#run}_${name === "table" ? this.setting("metric") : name}.csv`, facts.csv ?? csvOf(table));
  }

  #pressed() {
    this.host.querySelector("[data-intervals]")?.setAttribute("aria-pressed", String(this.#wantsIntervals()));
  }

  /** A point of a chart that stands for samples leads to them. */
  #point({ facts }, key, point) {
    const ways = facts.ways;
    const way = key === "confusion" ? ways?.[point.pointIndex?.[0] ?? point.y]?.[point.pointIndex?.[1] ?? point.x] : key === "upset" && point.data.type === "bar" ? ways?.[point.pointNumber] : null;
    if (way) this.model.pages.follow(way);
  }

  /** The cell under the pointer or the keyboard, in words below the table. */
  #tell(target) {
    const cell = target.closest?.("[data-says]");
    if (!cell) return;
    const line = this.host.querySelector("[data-cell-says]");
    if (line) line.textContent = cell.dataset.says;
  }
}
