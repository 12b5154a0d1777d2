// How one gesture changes the selection's recipe. Pure.

const MAX_PARTS = 12;

export function combine(recipe, part, mode) {
  if (mode === "replace" || !recipe) return mode === "subtract" ? recipe : part;
  if (mode === "add") {
    const parts = recipe.kind === "or" ? recipe.of : [recipe];
    return { kind: "or", of: [...parts, part].slice(-MAX_PARTS) };
  }
  const [first, ...rest] = recipe.kind === "minus" ? recipe.of : [recipe];
  return { kind: "minus", of: [first, ...rest, part].slice(0, MAX_PARTS) };
}

export function sameRecipe(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

export function recipeSays(recipe, names) {
  if (!recipe) return "";
  if (recipe.kind === "lasso") return "Lasso";
  if (recipe.kind === "concept") {
    const category = recipe.category === "new" ? "new class" : names.classes[recipe.category];
    return `Concept ${recipe.index + 1} of ${category}, ${names.study(recipe.study)}`;
  }
  if (recipe.kind === "neighbours") return "Neighbours";
  if (recipe.kind === "rows") return "Chosen samples";
  if (recipe.kind === "or") return `${recipe.of.length} regions`;
  if (recipe.kind === "minus") return `${recipeSays(recipe.of[0], names)} without ${recipe.of.length - 1} region${recipe.of.length > 2 ? "s" : ""}`;
  return "Selection";
}
