// The case in focus before the server has described it: the same elements with what the browser knows already, so that
// the answer only adds to them (see plain.mjs) and no other case's picture stands there meanwhile.

const node = (type, props, ...children) => ({ type, props: { ...props, children } });

export function caseDraft(model, row) {
  const known = model.data !== null && model.data !== undefined;
  const step = (by, label) => node("Button", { className: "step", "data-step": String(by), "aria-label": label }, by < 0 ? "‹" : "›");
  const image = node("Img", { src: model.imageUrl(row), alt: known ? `Sample ${row}: ${model.truthOf(row)}` : `Sample ${row}`, "data-case-row": String(row) });
  const lines = known
    ? [["predicted", model.predictionOf(row)], ["truth", model.truthOf(row)], ["study", model.studyOf(row)]]
    : [["row", String(row)]];
  return [
    node("Figure", { className: "case-picture" }, step(-1, "Previous case"), image, step(1, "Next case")),
    node("Div", { className: "verdict" }, ...lines.map(([name, value]) => node("Div", {}, node("Span", {}, name), node("B", {}, value)))),
    node("P", { className: "quiet-text pending" }, "Reading scores and neighbours …"),
  ];
}
