// Charts of the page Benchmark: plotly, fetched from this server when the first one is drawn, in the page's colours.
// Each can be saved as SVG, PNG or (its table twin) CSV, all made here in the browser.

const SOURCE = "_dash-component-suites/plotly/package_data/plotly.min.js";
const CONFIG = { displayModeBar: false, responsive: true };
const EXPORT = { width: 900, height: 560, scale: 2 };
let loading = null;

function plotly() {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = SOURCE;
    script.addEventListener("load", () => resolve(window.Plotly));
    script.addEventListener("error", () => {
      loading = null;
      reject(new Error("plotly was not served"));
    });
    document.head.append(script);
  });
  return loading;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The figure's layout in the page's text and line colours. */
function themed(layout) {
  const axis = (one) => ({ ...one, linecolor: colour("--line-strong"), tickcolor: colour("--line-strong"), gridcolor: one.showgrid === false ? undefined : colour("--line") });
  const axes = Object.fromEntries(Object.entries(layout).filter(([key]) => /^[xy]axis\d*$/.test(key)).map(([key, one]) => [key, axis(one)]));
  return {
    ...layout, ...axes, font: { ...layout.font, color: colour("--text-2"), family: getComputedStyle(document.body).fontFamily },
    hoverlabel: { ...layout.hoverlabel, bgcolor: colour("--panel"), bordercolor: colour("--line-strong"), font: { ...layout.hoverlabel?.font, color: colour("--text") } },
  };
}

/** Numbers on cells in the page's text colour: plotly chooses one for cells that let nothing through, and these do. */
const dressed = (data) => data.map((trace) => (trace.texttemplate ? { ...trace, textfont: { ...trace.textfont, color: colour("--text") } } : trace));

/** Draws every chart in `host` whose figure is there; `clicked(key, point)` for a click on one of its points. */
export async function drawCharts(host, figures, clicked) {
  const places = [...host.querySelectorAll("[data-chart]")].filter((place) => figures[place.dataset.chart]);
  if (!places.length) return;
  const Plotly = await plotly();
  for (const place of places) {
    if (!place.isConnected) continue;
    const plot = place.querySelector(".plot"), figure = figures[place.dataset.chart];
    plot.figure = figure;
    await Plotly.newPlot(plot, dressed(figure.data), themed(figure.layout), CONFIG);
    plot.on("plotly_click", ({ points }) => clicked(place.dataset.chart, points[0]));
  }
}

/** Forgets the charts of `host`, before other content takes their place. */
export function clearCharts(host) {
  for (const plot of host.querySelectorAll(".plot")) if (plot.figure) window.Plotly?.purge(plot);
}

/** Draws the charts of `host` in the colours of the present theme. */
export function recolour(host) {
  for (const plot of host.querySelectorAll(".plot")) if (plot.figure) window.Plotly?.react(plot, dressed(plot.figure.data), themed(plot.figure.layout), CONFIG);
}

/** A text as plotly shows it letter by letter: it takes tags and entities in it as its own. */
const literal = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Saves one chart; `kind` is svg, png or csv. */
export async function save(place, kind, name) {
  if (kind === "csv") {
    download(`${name}.csv`, csvOf(place.querySelector("table")));
    return;
  }
  const Plotly = await plotly();
  const { figure } = place.querySelector(".plot");
  const shared = figure.layout.meta?.legend === "shared" ? { showlegend: true } : {};
  const layout = { ...themed(figure.layout), ...shared, width: EXPORT.width, height: figure.layout.height ? Math.max(EXPORT.height, figure.layout.height) : EXPORT.height, paper_bgcolor: colour("--panel"), title: { text: literal(place.querySelector("figcaption").textContent), font: { size: 14 } }, margin: { ...figure.layout.margin, t: 76 } };
  const address = await Plotly.toImage({ data: dressed(figure.data), layout, config: CONFIG }, { format: kind, width: layout.width, height: layout.height, scale: kind === "png" ? EXPORT.scale : 1 });
  follow(`${name}.${kind}`, address);
}

/** Hides or shows one line in every chart of `host` that shares its legend. */
export function toggleLine(button, host) {
  const shown = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(shown));
  for (const plot of host.querySelectorAll(".plot")) {
    if (!plot.figure) continue;
    for (const line of plot.figure.data) if (line.meta === button.dataset.line) line.visible = shown;
  }
  recolour(host);
}

/** A table as CSV: what its cells say, quoted where a reader would misread it. */
export function csvOf(table) {
  const bare = (text) => (/^[−-]?\d{1,3}(,\d{3})+$/.test(text) ? text.replaceAll(",", "") : text);
  const said = (cell) => {
    const copy = cell.cloneNode(true);
    for (const aside of copy.querySelectorAll(".sr-only, .against, sup, small")) aside.remove();
    return bare(copy.textContent.trim());
  };
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [...table.rows].map((row) => [...row.cells].map((cell) => quoted(said(cell))).join(",")).join("\n") + "\n";
}

/** Saves a text as a file. */
export function download(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  follow(name, address);
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function follow(name, address) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}
