// How one gesture changes the selection's recipe, which recipes from an address are taken, and what a recipe says. Pure.
import { keyOf } from "./concept-names.mjs";

// The server's limits, with room to spare: parts of one combination, and combinations within combinations.
const MOST_PARTS = 24;
const DEEPEST = 12;
const isText = (raw) => typeof raw === "string";
const isList = (raw) => raw === undefined || Array.isArray(raw);
const isBound = (raw) => raw === undefined || raw === null || Number.isFinite(raw);
const isLevel = (raw) => raw === null || isText(raw);
/** What `recipeSays` needs of each kind. */
const FORMS = {
  lasso: () => true,
  concept: (r) => Number.isInteger(r.index) && isText(r.study),
  attributes: (r) => isList(r.studies) && isList(r.categories),
  value: (r) => isText(r.column) && isLevel(r.value),
  neighbours: () => true,
  rows: () => true,
  outcome: (r) => isText(r.outcome),
  predicted: () => true,
  range: (r) => isText(r.feature) && isBound(r.low) && isBound(r.high) && Number.isFinite(r.low ?? r.high),
  level: (r) => isText(r.feature) && isLevel(r.level),
  slice: (r) => Number.isInteger(r.index),
};
const COMBINED = ["and", "or", "minus"];

/** The recipe after a gesture, or null where it would hold more regions than a selection may. */
export function combine(recipe, part, mode) {
  if (mode === "replace" || !recipe) return mode === "subtract" ? recipe : part;
  const kind = mode === "add" ? "or" : "minus";
  const made = { kind, of: [...(recipe.kind === kind ? recipe.of : [recipe]), part] };
  return made.of.length > MOST_PARTS || depth(made) > DEEPEST ? null : made;
}

function depth(recipe) {
  return COMBINED.includes(recipe.kind) ? 1 + Math.max(...recipe.of.map(depth)) : 0;
}

/** Whether an address's recipe has the form of one: the server decides whether what it names exists. */
export function isRecipe(raw, level = 0) {
  if (raw === null || typeof raw !== "object" || level > DEEPEST) return false;
  if (COMBINED.includes(raw.kind)) {
    return Array.isArray(raw.of) && raw.of.length > 0 && raw.of.length <= MOST_PARTS && raw.of.every((part) => isRecipe(part, level + 1));
  }
  return Object.hasOwn(FORMS, raw.kind) && FORMS[raw.kind](raw);
}

/** Whether an address's view is four finite bounds x0 < x1, y0 < y1. */
export function isBounds(raw) {
  return Array.isArray(raw) && raw.length === 4 && raw.every(Number.isFinite) && raw[0] < raw[1] && raw[2] < raw[3];
}

/** Whether two recipes mean the same, whichever page spelled them: a concept may leave out what is usual. */
export function sameRecipe(a, b) {
  return JSON.stringify(inFull(a)) === JSON.stringify(inFull(b));
}

function inFull(recipe) {
  if (COMBINED.includes(recipe?.kind)) return { ...recipe, of: recipe.of.map(inFull) };
  return recipe?.kind === "concept" ? { kind: "concept", key: keyOf(recipe) } : recipe;
}

const OUTCOMES = { silent: "silent failures", caught: "failures that are caught", failure: "failures", correct: "correct predictions" };
const MOST_NAMES = 2;

function attributesSay({ studies = [], categories = [] }, names) {
  const parts = [];
  if (categories.length) parts.push(`true ${categories.map((c) => (c === "new" ? "new class" : names.classes[c] ?? c)).join(", ")}`);
  if (studies.length) parts.push(studies.length > MOST_NAMES ? `${studies.length} studies` : studies.map(names.study).join(", "));
  return parts.join(", ") || "All samples";
}

/** What all parts have in common; several scores of one outcome are counted, not listed. */
function everySays(parts, names) {
  const same = (part) => part.kind === "outcome" && part.outcome === parts[0].outcome && !part.run;
  const alike = parts.filter(same);
  const rest = parts.filter((part) => !same(part)).map((part) => recipeSays(part, names)).filter((text) => text !== "All samples");
  const first = alike.length > MOST_NAMES ? [`${OUTCOMES[parts[0].outcome]} under ${alike.length} scores`] : alike.map((part) => recipeSays(part, names));
  return [...first, ...rest].join(", ");
}

/** A feature without where it comes from, which stands before its name. */
const featureSays = (feature) => feature.replace(/^(image|model|column):/, "").replaceAll("_", " ");

/** A range of a feature. */
function rangeSays({ feature, low = null, high = null }) {
  const name = featureSays(feature);
  if (low !== null && high !== null) return `${name} ${digits(low)} to ${digits(high)}`;
  return low !== null ? `${name} at least ${digits(low)}` : `${name} at most ${digits(high)}`;
}

const digits = (value) => String(Number(value.toPrecision(4)));

export function recipeSays(recipe, names) {
  if (!recipe) return "";
  if (recipe.kind === "lasso") return "Lasso";
  if (recipe.kind === "concept") {
    const category = recipe.category === "new" ? "new class" : names.classes[recipe.category];
    const place = `oncept ${recipe.index + 1} of ${recipe.basis ? "predicted " : ""}${category}, ${names.study(recipe.study)}`;
    const own = names.concept?.(recipe);
    return own ? `${own} (c${place})` : `C${place}`;
  }
  if (recipe.kind === "value") return recipe.value === null ? `${recipe.column}: missing` : `${recipe.column}: ${recipe.value}`;
  if (recipe.kind === "level") return `${featureSays(recipe.feature)}: ${recipe.level ?? "missing"}`;
  if (recipe.kind === "neighbours") return "Neighbours";
  if (recipe.kind === "rows") return "Chosen samples";
  if (recipe.kind === "outcome") return `${OUTCOMES[recipe.outcome] ?? recipe.outcome} under ${names.score?.(recipe.score) ?? recipe.score}${recipe.run ? ` in ${recipe.run}` : ""}`;
  if (recipe.kind === "range") return rangeSays(recipe);
  if (recipe.kind === "slice") return `Slice ${recipe.index + 1} of ${OUTCOMES[recipe.outcome] ?? recipe.outcome}`;
  if (recipe.kind === "predicted") return `predicted ${names.classes[recipe.category] ?? recipe.category}`;
  if (recipe.kind === "attributes") return attributesSay(recipe, names);
  if (recipe.kind === "and") return everySays(recipe.of, names);
  if (recipe.kind === "or") return `${recipe.of.length} regions`;
  if (recipe.kind === "minus") return `${recipeSays(recipe.of[0], names)} without ${recipe.of.length - 1} region${recipe.of.length > 2 ? "s" : ""}`;
  return "Selection";
}
