// Plain form fields of the pages over Explore.

/** Makes the options of a select these [value, label] pairs; what is there already is left alone. */
export function fill(select, options) {
  const text = JSON.stringify(options);
  if (select.dataset.filled === text) return;
  select.dataset.filled = text;
  select.replaceChildren(...options.map(([value, label]) => new Option(label, value)));
}
