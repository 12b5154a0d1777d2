// The operating point of the page Benchmark: how its threshold is chosen, and its table, counted here and not asked for.
import { cheapestTarget, classCells, draw, nearestTarget, operatingPoint, targetCounts, weigh } from "./benchmark-cockpit.mjs";

const CHOSEN_BY = { coverage: [], guarantee: ["risk", "delta"], cost: ["silentCost", "referralCost", "cost", "prevalence"], hand: ["hand"] };
const node = (type, className, ...children) => ({ type, props: { className, children } });

export class OperatingPoint {
  /** `bench` is the page; `body` is where the table stands. */
  constructor(bench, body) {
    this.bench = bench;
    this.body = body;
    this.applied = null;
    this.says = "";
    this.weights = null;
  }

  /** Another run: nothing that was chosen or weighed holds any more. */
  reset() {
    this.applied = null;
    this.weights = null;
    this.weightsOf = null;
  }

  /** The columns are there, or the threshold moved. */
  counted() {
    const { bench } = this, { model } = bench;
    this.#weigh();
    if (this.#waits) return;
    const key = this.#mode();
    if (key !== this.applied) this.#apply(key);
    else if (bench.setting("by") !== "coverage" && model.target !== this.setTo) model.pages.set({ by: null }, { step: false });
    this.#cockpit();
  }

  /** Whether weights are asked for and not there yet: numbers without them would be others. */
  get #waits() {
    return this.weightsOf !== null && this.weights === null;
  }

  async #weigh() {
    const { cost, prevalence } = this.bench.settings;
    const wanted = cost || prevalence ? JSON.stringify([this.bench.aboutOf, cost, prevalence]) : null;
    if (wanted === this.weightsOf) return;
    this.weightsOf = wanted;
    this.weights = null;
    if (wanted === null) return;
    const answer = await this.bench.ask("weights", { cost, prevalence }, this.bench.parts.get("cockpit"));
    if (this.weightsOf !== wanted || !answer) return;
    this.weights = answer.facts;
    this.counted();
  }

  /** What the threshold follows, in one text: another one asks for it to be chosen anew. */
  #mode() {
    const { bench } = this, by = bench.setting("by");
    return JSON.stringify([bench.aboutOf, bench.view.score, by, ...(CHOSEN_BY[by] ?? []).map((name) => bench.setting(name))]);
  }

  async #apply(key) {
    const { bench } = this, { data, target } = bench.model;
    this.applied = key;
    this.setTo = target;
    this.says = "";
    const by = bench.setting("by");
    if (by === "cost") this.#cheapest(data);
    else if (by === "hand") this.#byHand(data);
    else if (by === "guarantee") {
      const answer = await bench.ask("guarantee", { score: bench.view.score, risk: bench.setting("risk"), delta: bench.setting("delta") });
      if (!answer || this.applied !== key) return;
      this.says = answer.facts.says;
      this.#set(answer.facts.target);
    }
  }

  #reference(data) {
    const { info } = this.bench.model;
    const place = info.studies.findIndex((s) => s.name === info.reference);
    const weights = place < 0 ? null : this.weights?.studies[info.reference] ?? null;
    return this.bench.kept.get("targets", [data.codes, data.wrong, weights], () => targetCounts({
      wrong: data.wrong, codes: data.codes, study: data.study, label: data.label, levels: data.levels.length,
      reference: place < 0 ? null : place, table: data.meta.table, weights,
    }));
  }

  #cheapest(data) {
    const [silentCost, referralCost] = ["silentCost", "referralCost"].map((name) => Number(this.bench.setting(name)));
    if (!(silentCost >= 0 && referralCost >= 0)) {
      this.says = "A cost is a number of at least 0.";
      return;
    }
    const { target, cost } = cheapestTarget(this.#reference(data), { silentCost, referralCost });
    this.says = `The least cost on ${data.meta.reference ?? "all samples"}: ${(1000 * cost).toFixed(1)} per 1,000 samples, at target coverage ${(target / 10).toFixed(1)} %.`;
    this.#set(target);
  }

  #byHand(data) {
    const text = this.bench.setting("hand");
    if (text === "" || !Number.isFinite(Number(text))) {
      this.says = "Type a threshold on the score; samples with at least this score are accepted.";
      return;
    }
    const target = nearestTarget(data.meta.table.value, Number(text));
    if (target >= 0) this.says = `The nearest of the 1,001 thresholds on offer: ${Number(data.meta.table.value[target]).toPrecision(5)}.`;
    this.#set(target);
  }

  #set(target) {
    const { model } = this.bench;
    if (Number.isInteger(target) && target >= 0) {
      this.setTo = target;
      model.dragTarget(target);
      window.dash_clientside.set_props("threshold", { value: target / 10 });
    }
    if (model.data) this.#cockpit();
  }

  #cockpit() {
    const start = performance.now();
    const { bench } = this, { data, info, view } = bench.model;
    const { wrong, codes, study, label, first, studies } = data;
    const every = bench.kept.get("every", [study.length], () => new Uint8Array(study.length).fill(1));
    let rows = operatingPoint({ wrong, codes, study, first, studies, every });
    if (this.weights?.says) {
      const classCount = info.classes.length;
      const cells = bench.kept.get("cells", [study, label], () => classCells({ study, label, studies, classCount }));
      rows = weigh(rows, { wrong, codes, cells, first, classCount, weights: this.weights.studies });
    }
    const says = this.says ? [node("P", "bench-sentence", this.says)] : [];
    if (this.weights?.says) {
      says.push({ type: "P", props: { className: "bench-weighted", "data-weighted": "1", children: `${this.weights.says} Coverage and risks count with cost and prevalence, what is per 1,000 with prevalence alone; numbers of samples and the threshold's coverage are not weighted.` } });
    }
    draw(this.body, rows, { run: info.run, score: view.score, reference: info.reference }, says);
    this.body.dataset.ms = (performance.now() - start).toFixed(1);
  }
}
