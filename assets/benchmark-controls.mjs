// The controls of the page Benchmark: plain form fields whose values are settings in the address.
import { WeightMenus } from "./benchmark-weights.mjs";
import { fill } from "./fields.mjs";

const DEFAULTS = { metric: "aurc", scope: "run", columns: "few", shade: "rank", by: "coverage", risk: "0.05", delta: "0.05", on: "validation", silentCost: "10", referralCost: "1" };
const USUAL = "det_mcp";
export const ALL = " "; // all studies in one chart, for the header's score; no study has a blank name

export const setting = (settings, name) => settings[name] ?? DEFAULTS[name] ?? "";

/** The scores whose curves are drawn: the chosen ones, else the header's and MSR. */
export function chosenScores(settings, view, available) {
  const asked = Array.isArray(settings.scores) ? settings.scores.filter((name) => available.some((s) => s.name === name)) : [];
  return asked.length ? asked : [...new Set([view.score, USUAL])].filter((name) => available.some((s) => s.name === name));
}

/** The scores that take part in what all miss: the chosen ones, else those that the server calls usual. */
export function chosenAmong(settings, about, available) {
  const names = Array.isArray(settings.among) ? settings.among : [];
  const asked = names.filter((name) => available.some((s) => s.name === name));
  return asked.length ? asked : about.among;
}

export class Controls {
  /** `changed(changes)` is told of every new value. */
  constructor(host, changed) {
    this.host = host;
    this.changed = changed;
    this.weights = new WeightMenus(host, changed);
    for (const place of host.querySelectorAll("[data-number]")) place.replaceChildren(numberField(place.dataset));
    host.addEventListener("change", (event) => this.#take(event.target));
  }

  /** Fills and sets every field: `about` = {columns, runs}, known of the run. */
  show({ settings, info, view, about }) {
    this.available = info.scores.filter((s) => s.available);
    const options = {
      study: about.columns.map((c) => [c.name, c.label]),
      where: [["", "all test studies"], ...info.studies.filter((s) => s.n && s.kind !== "train").map((s) => [s.name, s.label])],
      group: [["", "images"], ...about.groups.map((name) => [name, name.replaceAll("_", " ")])],
      other: [["", "choose a run"], ...about.runs.filter((name) => name !== info.run).map((name) => [name, name])],
    };
    for (const select of this.host.querySelectorAll("select[data-bench]")) {
      const name = select.dataset.bench;
      const every = name === "study" && select.closest("[data-part=curves]") ? [[ALL, `all studies, ${info.scores.find((s) => s.name === view.score).label}`]] : [];
      if (options[name]) fill(select, [...options[name], ...every]);
      if (name === "group") select.closest(".bench-choice").hidden = about.groups.length === 0;
      const wanted = setting(settings, name) || (name === "study" ? about.columns[0]?.name ?? "" : "");
      if ([...select.options].some((o) => o.value === wanted)) select.value = wanted;
      else select.selectedIndex = 0;
    }
    for (const field of this.host.querySelectorAll("input[data-bench]")) {
      if (document.activeElement !== field) field.value = setting(settings, field.dataset.bench);
    }
    const by = setting(settings, "by");
    for (const part of this.host.querySelectorAll("[data-only]")) part.hidden = part.dataset.only !== by;
    this.host.dataset.shade = setting(settings, "shade");
    this.#scores({ scores: chosenScores(settings, view, this.available), among: chosenAmong(settings, about, this.available) });
    this.weights.show({ settings, classes: info.classes, newClass: about.newClass });
  }

  #scores(lists) {
    for (const menu of this.host.querySelectorAll("[data-checks]")) {
      const chosen = lists[menu.dataset.checks];
      const boxes = this.available.map(({ name, label }) => {
        const box = Object.assign(document.createElement("input"), { type: "checkbox", value: name, checked: chosen.includes(name) });
        box.dataset.check = menu.dataset.checks;
        const line = document.createElement("label");
        line.append(box, ` ${label}`);
        return line;
      });
      const focused = menu.contains(document.activeElement) && document.activeElement.dataset?.check ? document.activeElement.value : null;
      menu.querySelector(".bench-checks").replaceChildren(...boxes);
      if (focused) menu.querySelector(`input[value="${CSS.escape(focused)}"]`)?.focus();
      menu.querySelector("summary").textContent = `${chosen.length} of ${this.available.length}`;
    }
  }

  #take(field) {
    if (field.dataset?.bench) {
      const { bench: name } = field.dataset;
      this.changed({ [name]: field.value === DEFAULTS[name] ? null : field.value });
    } else if (field.dataset?.check) {
      const boxes = [...field.closest("[data-checks]").querySelectorAll("input:checked")];
      this.changed({ [field.dataset.check]: boxes.length ? boxes.map((box) => box.value) : null });
    }
  }
}

function numberField({ number, label, value }) {
  const field = Object.assign(document.createElement("input"), { type: "number", step: "any", value });
  field.dataset.bench = number;
  field.setAttribute("aria-label", label);
  if (number !== "hand") field.min = "0";
  return field;
}
