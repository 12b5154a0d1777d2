// The sentences of the page: header counts, threshold, selection, toasts. Writes text into elements that Dash leaves alone.
import { recipeSays } from "./selecting.mjs";
import { score } from "./casegrid.mjs";
import { show } from "./plain.mjs";

const count = (value) => value.toLocaleString("en-GB");
/** A share in percent; never rounded to none or all where it is neither. */
export function share(part, whole) {
  if (!whole) return "–";
  const percent = (100 * part) / whole;
  if (part > 0 && percent < 0.05) return "< 0.1 %";
  if (part < whole && percent >= 99.95) return "> 99.9 %";
  return `${percent.toFixed(1)} %`;
}


function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

// As plain.mjs draws it: what stays the same is kept, so that a dragged threshold lays out little of the page.
const node = (type, className, ...children) => ({ type, props: { ...(className ? { className } : {}), children } });

/** A number with its name; with a `tab` a button that opens that list of cases. */
function figure(value, name, className = "", tab = null) {
  const made = node(tab ? "Button" : "Span", `figure ${className}`.trim(), node("B", "", value), node("Span", "", name));
  if (tab) made.props["data-tab"] = tab;
  return made;
}

/** The header line, and each study's count and bar in the sidebar. */
export function showStats(model, per, sum) {
  const { info, view, data } = model;
  const judged = data.meta.judge === "mc_mean" ? "MC-mean prediction" : "plain prediction";
  const chosen = info.studies.map((s, i) => ({ ...s, ...per[i] })).filter((s) => view.studies.includes(s.name));
  const noThreshold = data.meta.table.value[model.target] === null;
  const parts = [
    figure(count(sum.shown), "shown"),
    figure(share(sum.shown - sum.failures, sum.shown), "accuracy"),
    figure(noThreshold ? "–" : share(sum.accepted, sum.shown), "coverage"),
    figure(count(sum.failures), "failures", "", "failures"),
    noThreshold ? figure("–", "silent") : figure(count(sum.silent), "silent", sum.silent ? "is-silent" : "", "silent"),
  ];
  if (sum.nan) parts.push(figure(count(sum.nan), "without a score"));
  const judge = node("Span", "judged", `${data.meta.label} judges the ${judged}`);
  judge.props.title = "Correctness, predictions and confusion follow the prediction that the chosen score judges.";
  const each = node("Button", "link per-study", "per study");
  each.props.title = "Counts, coverage and selective risk (failures among the accepted) of every study";
  show(document.getElementById("stats"), [...parts, each, judge, studyTable(chosen)]);
  showStudyBars(info, per);
}

function studyTable(studies) {
  const head = ["study", "shown", "accuracy", "coverage", "failures", "silent", "selective risk"];
  const lines = studies.map((s) => node("Tr", "", node("Th", "", s.label),
    ...[count(s.shown), share(s.shown - s.failures, s.shown), share(s.accepted, s.shown), count(s.failures)].map((text) => node("Td", "number", text)),
    node("Td", s.silent ? "number is-silent" : "number", count(s.silent)), node("Td", "number", share(s.silent, s.accepted))));
  return node("Div", "stats-table", node("Table", "", node("Caption", "sr-only", "Counts per study"),
    node("Thead", "", node("Tr", "", ...head.map((h) => node("Th", "", h)))), node("Tbody", "", ...lines)));
}

function showStudyBars(info, per) {
  info.studies.forEach((s, i) => {
    const name = CSS.escape(s.name);
    const number = document.querySelector(`[data-study-count="${name}"]`);
    const bar = document.querySelector(`[data-study-bar="${name}"]`);
    if (!number || !bar) return;
    const c = per[i];
    number.textContent = c.shown ? (c.silent ? count(c.silent) : "0") : count(s.n);
    number.classList.toggle("is-silent", c.silent > 0);
    number.title = c.shown ? `${c.silent} silent failures of ${c.shown} samples` : `${s.n} samples, not shown`;
    const width = (part) => `${c.shown ? (100 * part) / c.shown : 0}%`;
    show(bar, [["silent", c.silent], ["caught", c.failures - c.silent]].map(([kind, part]) =>
      ({ type: "Span", props: { className: kind, style: { width: width(part) }, children: [] } })));
  });
}

/** Target and achieved coverage, the threshold itself, and where it was chosen. */
export function showThreshold(model) {
  const { meta } = model.data;
  const target = model.target;
  const value = meta.table.value[target];
  const achieved = meta.table.achieved[target];
  const place = model.info.studies.find((s) => s.name === meta.reference)?.label ?? "all samples";
  const says = document.getElementById("threshold-says");
  const where = meta.inSample ? `${place}, in-sample` : `${place}`;
  says.replaceChildren(
    element("span", "", "target ", element("b", "", `${(target / 10).toFixed(1)} %`)),
    element("span", meta.inSample ? "in-sample" : "", meta.inSample ? "in-sample " : "reached ", element("b", "", `${(100 * achieved).toFixed(1)} %`)),
    element("span", "", "t ", element("b", "", value === null ? "none" : score(value))),
  );
  says.title = `The threshold is the largest score that at least ${(target / 10).toFixed(1)} % of ${meta.n} samples of ${where} reach` +
    (meta.nan ? `; ${meta.nan} of them have no score and count as rejected` : "") + ".";
  says.dataset.inSample = meta.inSample ? "1" : "";
}

/** How the run that is open calls what a recipe names, and the person a concept. */
export function namesOf({ info, pages }) {
  return {
    concept: (recipe) => pages.names.of(recipe),
    classes: info.classes,
    score: (name) => info.scores.find((s) => s.name === name)?.label ?? name,
    study: (name) => info.studies.find((s) => s.name === name)?.label ?? name,
  };
}

/** What is selected, and its counts; `sum` null means nothing is. */
export function showSelection(model, sum) {
  const host = document.getElementById("selection-says");
  const clear = document.querySelector("#map-tools [data-clear]");
  if (clear) clear.hidden = !model.recipe;
  if (!model.recipe) {
    host.replaceChildren(element("span", "quiet-text", "Everything shown. Draw a lasso or click a concept to narrow it."));
    return;
  }
  const names = namesOf(model);
  const button = element("button", "link", "clear");
  button.dataset.clear = "1";
  const explain = element("button", "link", "explain");
  explain.dataset.why = "";
  explain.title = "What tells these samples from others";
  const parts = [element("b", "", recipeSays(model.recipe, names)), explain, button];
  if (sum) {
    parts.push(element("div", "selection-counts", `${count(sum.shown)} samples · accuracy ${share(sum.shown - sum.failures, sum.shown)} · `,
      `${count(sum.failures)} failures · `, element("span", sum.silent ? "is-silent" : "", `${count(sum.silent)} silent`)));
  }
  host.replaceChildren(...parts);
}

/** A message that stays until closed (level "error", "notice") or goes by itself ("info"); `again` offers another try. */
export function toast({ title, detail, hint }, level, again = null) {
  const close = element("button", "link", "close");
  const made = element("div", `toast ${level}`, element("b", "", title), ...[detail, hint].filter(Boolean).map((t) => element("p", "", t)), close);
  const host = document.getElementById("toast");
  const same = [...host.children].find((other) => other.dataset.title === title);
  made.dataset.title = title;
  if (same) same.replaceWith(made);
  else host.append(made);
  close.addEventListener("click", () => made.remove());
  if (again) {
    const retry = element("button", "link", "Try again");
    retry.addEventListener("click", () => {
      made.remove();
      again();
    });
    close.before(retry, " ");
  }
  if (level === "info") setTimeout(() => made.remove(), 5000);
}
