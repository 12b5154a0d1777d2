// The page Benchmark. Each part is asked for when it is scrolled to and whenever what it depends on changes; the server
// computes and renders it (plain.mjs puts it onto the page), but for the operating point, which is counted here.
import { cheapestTarget, draw, nearestTarget, operatingPoint, targetCounts } from "./benchmark-cockpit.mjs";
import { ALL, chosenScores, Controls, setting } from "./benchmark-controls.mjs";
import { clearCharts, csvOf, drawCharts, recolour, save } from "./benchmark-charts.mjs";
import { ServerError } from "./columns.mjs";
import { Kept } from "./kept.mjs";
import { show } from "./plain.mjs";
import { toast } from "./words.mjs";

const INTERVALS_UNASKED = 20_000;
const NEAR = "300px";
const READ_FROM = 80;
const node = (type, className, ...children) => ({ type, props: { className, children } });

/** What each part depends on, as the query of its address. */
const DEPENDS = {
  table: (b) => ({ metric: b.setting("metric"), scope: b.setting("scope"), columns: b.setting("columns") }),
  curves: (b) => (b.settings.study === ALL
    ? { study: ALL, score: b.view.score, target: b.view.target }
    : { study: b.study, scores: chosenScores(b.settings, b.view, b.available).join(","), target: b.view.target }),
  calibration: (b) => ({ study: b.study, score: b.view.score, target: b.view.target }),
  confusion: (b) => ({ study: b.study, score: b.view.score }),
  severity: (b) => ({ score: b.view.score, target: b.view.target }),
  audit: (b) => ({ score: b.view.score, risk: b.setting("risk"), delta: b.setting("delta"), on: b.setting("on") }),
  missed: (b) => ({ where: b.settings.where, target: b.view.target }),
  forensics: () => ({}),
  compare: (b) => ({ other: b.settings.other, score: b.view.score, target: b.view.target, metric: b.setting("metric") }),
};

export class Benchmark {
  constructor(model, host) {
    this.model = model;
    this.host = host;
    this.kept = new Kept();
    this.parts = new Map();
    this.about = null;
    this.applied = null;
    this.controls = new Controls(host, (changes) => model.pages.set(changes));
    for (const section of host.querySelectorAll("[data-part]")) {
      const name = section.dataset.part;
      this.parts.set(name, { name, section, body: section.querySelector(".bench-body"), near: false, asked: null, figures: {}, facts: {} });
    }
    this.#watch();
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
      this.applied = null;
      this.kept.clear();
      this.aboutOf = key;
      for (const part of this.parts.values()) this.#empty(part);
      const known = await this.#ask(columns, "about", {});
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
    const { data, view, info } = this.model;
    if (!data || !this.about || data.meta.name !== view.score) return;
    const key = this.#mode();
    if (key !== this.applied) this.#apply(key);
    else if (this.setting("by") !== "coverage" && this.model.target !== this.setTo) this.model.pages.set({ by: null }, { step: false });
    this.#cockpit(data, info, view);
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

  #watch() {
    const seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const part = this.parts.get(target.dataset.part);
        part.near = isIntersecting;
        if (isIntersecting) this.#refresh(part);
      }
    }, { root: this.host.querySelector(".bench-parts"), rootMargin: NEAR });
    for (const { section } of this.parts.values()) seen.observe(section);
    const scroller = this.host.querySelector(".bench-parts");
    let waits = 0;
    scroller.addEventListener("scroll", () => {
      waits ||= requestAnimationFrame(() => {
        waits = 0;
        this.#mark(scroller);
      });
    }, { passive: true });
    this.#mark(scroller);
  }

  /** Marks the entry of the part that is read: the last one that begins above this line. */
  #mark(scroller) {
    const edge = scroller.getBoundingClientRect().top + READ_FROM;
    const begun = [...this.parts.values()].filter(({ section }) => section.getBoundingClientRect().top < edge);
    const { section } = begun.at(-1) ?? [...this.parts.values()][0];
    const id = section.querySelector(".bench-body").id;
    for (const entry of this.host.querySelectorAll("[data-part-link]")) {
      if (entry.dataset.partLink === id) entry.setAttribute("aria-current", "true");
      else entry.removeAttribute("aria-current");
    }
  }

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
    const answer = await this.#ask(this.model.columns, part.name, query, part);
    if (part.asked !== text || !answer) return;
    await this.#fill(part, answer);
    if (part.name === "table" && this.#wantsIntervals()) await this.#intervals(part, query, text);
  }

  async #intervals(part, query, text) {
    part.body.dataset.intervals = "running";
    const answer = await this.#ask(this.model.columns, part.name, { ...query, intervals: 1 }, part);
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

  /** An answer of the server, or null where there is none; `part` shows that it waits, and why it failed. */
  async #ask(columns, name, query, part = null) {
    part?.body.setAttribute("aria-busy", "true");
    const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "").map(([key, value]) => [key, String(value)]));
    try {
      return await columns.part(`benchmark/${name}?${text}`);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      if (part) this.#say(part, error.problem.title, [error.problem.detail, error.problem.hint]);
      else toast(error.problem, "error", () => this.viewed());
      if (part) part.asked = null;
      else this.aboutOf = null;
      return null;
    } finally {
      part?.body.setAttribute("aria-busy", "false");
    }
  }

  #say(part, title, lines) {
    clearCharts(part.body);
    show(part.body, node("Div", "empty-inline", node("P", "", title), ...lines.filter(Boolean).map((text) => node("P", "quiet-text", text))));
  }

  // ---- the operating point ------------------------------------------------------------------------------------

  /** What the threshold follows, in one text: another one asks for it to be chosen anew. */
  #mode() {
    const by = this.setting("by");
    const about = { coverage: [], guarantee: ["risk", "delta"], cost: ["silentCost", "referralCost"], hand: ["hand"] }[by] ?? [];
    return JSON.stringify([this.aboutOf, this.view.score, by, ...about.map((name) => this.setting(name))]);
  }

  async #apply(key) {
    this.applied = key;
    this.setTo = this.model.target;
    this.says = "";
    const { data } = this.model;
    const by = this.setting("by");
    if (by === "cost") this.#cheapest(data);
    else if (by === "hand") this.#byHand(data);
    else if (by === "guarantee") {
      const answer = await this.#ask(this.model.columns, "guarantee", { score: this.view.score, risk: this.setting("risk"), delta: this.setting("delta") });
      if (!answer || this.applied !== key) return;
      this.says = answer.facts.says;
      this.#set(answer.facts.target);
    }
  }

  #reference(data) {
    const { info, kept } = { info: this.model.info, kept: this.kept };
    const place = info.studies.findIndex((s) => s.name === info.reference);
    return kept.get("targets", [data.codes, data.wrong], () => targetCounts({
      wrong: data.wrong, codes: data.codes, study: data.study, levels: data.levels.length, reference: place < 0 ? null : place, table: data.meta.table,
    }));
  }

  #cheapest(data) {
    const [silentCost, referralCost] = ["silentCost", "referralCost"].map((name) => Number(this.setting(name)));
    if (!(silentCost >= 0 && referralCost >= 0)) {
      this.says = "A cost is a number of at least 0.";
      return;
    }
    const { target, cost } = cheapestTarget(this.#reference(data), { silentCost, referralCost });
    this.says = `The least cost on ${data.meta.reference ?? "all samples"}: ${(1000 * cost).toFixed(1)} per 1,000 samples, at target coverage ${(target / 10).toFixed(1)} %.`;
    this.#set(target);
  }

  #byHand(data) {
    const text = this.setting("hand");
    if (text === "" || !Number.isFinite(Number(text))) {
      this.says = "Type a threshold on the score; samples with at least this score are accepted.";
      return;
    }
    const target = nearestTarget(data.meta.table.value, Number(text));
    if (target >= 0) this.says = `The nearest of the 1,001 thresholds on offer: ${Number(data.meta.table.value[target]).toPrecision(5)}.`;
    this.#set(target);
  }

  #set(target) {
    if (Number.isInteger(target) && target >= 0) {
      this.setTo = target;
      this.model.dragTarget(target);
      window.dash_clientside.set_props("threshold", { value: target / 10 });
    }
    if (this.model.data) this.#cockpit(this.model.data, this.model.info, this.view);
  }

  #cockpit(data, info, view) {
    const start = performance.now();
    const every = this.kept.get("every", [data.study.length], () => new Uint8Array(data.study.length).fill(1));
    const { wrong, codes, study, first, studies } = data;
    const rows = operatingPoint({ wrong, codes, study, first, studies, every });
    const says = this.says ? [node("P", "bench-sentence", this.says)] : [];
    const body = this.parts.get("cockpit").body;
    draw(body, rows, { run: info.run, score: view.score, reference: info.reference }, says);
    body.dataset.ms = (performance.now() - start).toFixed(1);
  }

  // ---- gestures -----------------------------------------------------------------------------------------------

  #clicked(event) {
    const hit = (attribute) => event.target.closest(`[${attribute}]`);
    const out = hit("data-export"), entry = hit("data-part-link"), table = hit("data-table-csv");
    if (entry) document.getElementById(entry.dataset.partLink).closest("section").scrollIntoView({ block: "start" });
    else if (out) this.#save(out);
    else if (hit("data-intervals")) this.model.pages.set({ intervals: this.#wantsIntervals() ? "0" : "1" });
    else if (table) this.#saveTable();
  }

  #save(button) {
    const place = button.closest("[data-chart]");
    save(place, button.dataset.export, `${this.model.info.run.replaceAll("/", "_")}_${place.dataset.chart}`);
  }

  #saveTable() {
    const table = this.parts.get("table").body.querySelector("table");
    if (!table) return;
    const address = URL.createObjectURL(new Blob([csvOf(table)], { type: "text/csv" }));
    const link = Object.assign(document.createElement("a"), { href: address, download: `${this.model.info.run.replaceAll("/", "_")}_${this.setting("metric")}.csv` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
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
