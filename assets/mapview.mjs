// Between the model and the canvas: geometry, colours, legend, hover card, images on the map.
import { createPointMap } from "./pointmap.mjs";
import { groundOf, paint } from "./paint.mjs";
import { OUTCOME, outcomes } from "./counting.mjs";
import { ConceptLabels } from "./concept-labels.mjs";
import { Kept } from "./kept.mjs";
import { Legend } from "./legend.mjs";
import { score } from "./casegrid.mjs";

const TOOLS = 40;
const LAYER_OF = Uint8Array.of(0, 0, 1, 3); // by OUTCOME: correct, failures that are rejected, silent ones on top

export class MapView {
  constructor(model) {
    this.model = model;
    this.host = document.getElementById("map-host");
    this.empty = document.getElementById("map-empty");
    this.tools = document.getElementById("map-tools");
    this.legend = new Legend(document.getElementById("map-legend"), () => this.draw(), (value, mode) => {
      this.model.select({ kind: "value", column: this.model.view.colour.replace(/^column:/, ""), value }, mode);
    });
    this.size = 5;
    this.opacity = 0.85;
    this.kept = new Kept();
    this.shown = null;
    this.images = false;
    this.map = createPointMap(this.host, {
      onLasso: ({ polygon, mode }) => this.#lassoed(polygon, mode),
      onHover: (row, x, y) => this.#hover(row, x, y),
      onClick: (row) => row >= 0 && model.data && model.focus(row),
      onView: (bounds) => this.#viewed(bounds),
      onMode: (mode) => this.#showMode(mode),
      onLabel: (key) => this.labels.labelPointed(key),
      onLabelClick: (key) => this.labels.labelClicked(key),
    });
    this.labels = new ConceptLabels(model, this);
    this.card = document.createElement("div");
    this.card.className = "hover-card";
    this.card.hidden = true;
    this.host.parentElement.append(this.card);
    // The picture that shows everything keeps doing so in a window of another size.
    new ResizeObserver(() => this.model.bounds || this.#fitShown()).observe(this.host);
    this.tools.addEventListener("click", (event) => this.#tool(event.target.closest("button")));
  }

  // ---- states ---------------------------------------------------------------------------------------------

  opened(info) {
    this.shown = null;
    this.geometryOf = null;
    this.legend.forget();
    this.#say(info.latents ? ["Drawing the map …"] : ["No map", info.whyNoLatents]);
    const images = this.tools.querySelector("[data-images]");
    images.disabled = info.images === false;
    if (images.disabled) images.title = info.whyNoImages || "This run has no images";
  }

  noLatents(why) {
    this.#say(["This run has no latents, so there is no map", why, "The inspector still lists its failures."]);
  }

  failed(problem) {
    this.opened({ latents: true });
    this.#say([problem.title, problem.detail, problem.hint]);
    this.empty.setAttribute("role", "alert");
  }

  /** Words in place of the map, or `over` it. */
  #say(lines, { over = false } = {}) {
    this.empty.hidden = lines.length === 0;
    this.empty.removeAttribute("role");
    this.empty.replaceChildren(...lines.filter(Boolean).map((text, i) => {
      const line = document.createElement("p");
      line.textContent = text;
      if (i) line.className = "quiet-text";
      return line;
    }));
    this.host.classList.toggle("waiting", lines.length > 0 && !over);
  }

  hasGeometryOf(info) {
    return this.geometryOf === `${info.run}|${info.version}`;
  }

  // ---- drawing --------------------------------------------------------------------------------------------

  setGeometry(kind, x, y) {
    const { model } = this;
    this.#showFlat(true);
    this.shown = kind;
    this.geometryOf = `${model.info.run}|${model.info.version}`;
    this.#say([]);
    this.host.dataset.projection = kind;
    this.host.title = "";
    this.map.setGeometry(x, y);
    this.xy = [x, y];
    this.draw();
    if (model.bounds && kind === model.view.projection) this.showBounds(model.bounds);
    else this.#fitShown();
    this.showFocus();
    this.refreshImages();
    this.labels.refresh();
  }

  showSpace() {
    this.#showFlat(false);
    this.#say([]);
    this.shown = "umap3";
    this.geometryOf = null;
    window.dash_clientside.set_props("space-ready", { data: { run: this.model.info.run, version: this.model.info.version } });
  }

  #showFlat(flat) {
    this.host.hidden = !flat;
    document.getElementById("space").hidden = flat;
    this.legend.host.hidden = !flat; // the 3-D view has its own
    this.tools.classList.toggle("is-3d", !flat);
    if (flat) window.dash_clientside.set_props("space-ready", { data: null });
  }

  setPoints({ size = this.size, opacity = this.opacity }) {
    this.size = size;
    this.opacity = opacity;
    this.map.setStyle({ size, opacity });
  }

  draw() {
    const { data, mask, view } = this.model;
    if (!data) return;
    const dark = document.documentElement.dataset.mantineColorScheme === "dark";
    const n = data.wrong.length;
    // Written anew at every step of the threshold; the map makes its own list of them.
    const own = this.kept.get("arrays", [n], () => ({
      codes: new Uint8Array(n), outcome: new Uint8Array(n), visible: new Uint8Array(n), layer: new Uint8Array(n),
    }));
    const outcome = outcomes(data, own.outcome);
    const toPaint = { ...data, dark, outcome };
    const ground = this.kept.get("ground", [data, view.colour, dark], () => groundOf(view.colour, toPaint));
    if (this.lastShown !== data.shown) this.#keepInView(data.shown);
    const { codes, palette, items, rim } = paint(view.colour, toPaint, { ground, codes: own.codes });
    this.legend.show(items, view.colour, data);
    if (!this.shown || this.shown === "umap3") return;
    const some = this.model.counted?.all.shown;
    this.#say(some === 0 ? ["Nothing is shown", "Choose a study, or clear the class filter, on the left."] : [], { over: true });
    const { layer } = own;
    for (let i = 0; i < n; i += 1) layer[i] = LAYER_OF[outcome[i]];
    const { study, domainOfStudy } = data;
    const shape = this.kept.get("shape", [data], () => study.map((s) => domainOfStudy[s]));
    const visible = this.legend.hides ? this.#unhidden(own.visible, codes, outcome) : data.shown;
    this.map.setStyle({
      colour: codes, palette, rim, shape, layer, visible, emphasis: mask, size: this.size, opacity: this.opacity, dark,
      background: this.kept.get("background", [dark], () =>
        getComputedStyle(document.documentElement).getPropertyValue("--map").trim()),
    });
  }

  /** 1 for each row that is shown and that the legend does not hide, written into `visible`. */
  #unhidden(visible, codes, outcome) {
    const { shown, study, domainOfStudy } = this.model.data;
    const hidden = this.legend.hiddenCodes();
    const outside = this.legend.hiddenStudies(domainOfStudy);
    const { silentState } = this.legend;
    const keeps = Uint8Array.from(LAYER_OF, (_, own) => (own === OUTCOME.silent ? silentState !== "hidden" : silentState !== "only"));
    for (let i = 0; i < visible.length; i += 1) {
      visible[i] = shown[i] & keeps[outcome[i]] & (hidden[codes[i]] ^ 1) & (outside[study[i]] ^ 1);
    }
    return visible;
  }

  showFocus() {
    const row = this.model.focusRow;
    this.map.setRings(row === null ? [] : [{ row, colour: "accent", radius: 11, label: "" }]);
    this.host.dataset.ring = row === null ? "" : String(row);
  }

  refreshImages() {
    if (!this.images || !this.model.info?.images) {
      this.map.setImages([], () => "");
      return;
    }
    const rows = [...document.querySelectorAll("[data-representative]")].map((e) => Number(e.dataset.row));
    this.map.setImages([...new Set(rows)], (row) => this.model.imageUrl(row, 64));
  }

  // ---- gestures -------------------------------------------------------------------------------------------

  fit() {
    this.#fitShown();
    this.model.setBounds(null);
  }

  /** A study that was just chosen may lie outside a view that showed everything before. */
  #keepInView(shown) {
    this.lastShown = shown;
    const all = this.#extentOf(shown), view = this.shown ? this.map.view() : null;
    if (!all || !view || this.model.bounds) return;
    if (all.x0 < view.x0 || all.x1 > view.x1 || all.y0 < view.y0 || all.y1 > view.y1) this.#fitShown();
  }

  /** Shows the samples that are shown, not those of studies that are not: they may lie far off. */
  #fitShown() {
    const all = this.#extentOf(this.model.data?.shown);
    if (!all) return;
    const { x0, x1, y0, y1 } = all;
    const margin = 0.04 * Math.max(x1 - x0, y1 - y0) || 1;
    // Room for the tools above and the legend below, in the units of the map.
    const { clientHeight } = this.host;
    const legend = this.legend.host.offsetHeight;
    const free = Math.max(0.3, 1 - (TOOLS + legend) / Math.max(clientHeight, 1));
    const height = (y1 - y0 + 2 * margin) / free;
    const below = height * (legend / Math.max(clientHeight, 1));
    this.map.setView({ x0: x0 - margin, x1: x1 + margin, y0: y0 - margin - below, y1: y0 - margin - below + height });
  }

  #extentOf(shown) {
    if (!shown || !this.xy || shown.length !== this.xy[0].length) return null;
    const [x, y] = this.xy;
    let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < shown.length; i += 1) {
      if (!shown[i] || !Number.isFinite(x[i]) || !Number.isFinite(y[i])) continue;
      if (x[i] < x0) x0 = x[i];
      if (x[i] > x1) x1 = x[i];
      if (y[i] < y0) y0 = y[i];
      if (y[i] > y1) y1 = y[i];
    }
    return x0 > x1 ? null : { x0, x1, y0, y1 };
  }

  showBounds([x0, x1, y0, y1]) {
    if (this.shown) this.map.setView({ x0, x1, y0, y1 });
  }

  toggleMode(mode) {
    this.map.setMode(mode);
    this.#showMode(mode);
  }

  #showMode(mode) {
    for (const button of this.tools.querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-pressed", button.dataset.mode === mode ? "true" : "false");
    }
  }

  #tool(button) {
    if (!button) return;
    if (button.dataset.mode) this.toggleMode(button.dataset.mode);
    if (button.dataset.fit) this.fit();
    if (button.dataset.labels) this.labels.toggle();
    if (button.dataset.images) {
      this.images = !this.images;
      button.setAttribute("aria-pressed", String(this.images));
      this.refreshImages();
    }
  }

  #lassoed(polygon, mode) {
    if (this.model.data && polygon.length > 2) this.model.select({ kind: "lasso", projection: this.shown, polygon }, mode);
  }

  #viewed(bounds) {
    clearTimeout(this.viewRest);
    const round = (value) => Number(value.toPrecision(5));
    const own = bounds && [bounds.x0, bounds.x1, bounds.y0, bounds.y1].map(round);
    const { shown } = this;
    // While PCA stands in for a map that is still being made, its bounds are nobody's.
    const kept = () => this.model.info && shown === this.model.view?.projection;
    this.viewRest = setTimeout(() => kept() && this.model.setBounds(own), 400);
  }

  #hover(row, x, y) {
    const { model, card } = this;
    if (row < 0 || !model.data) {
      card.hidden = true;
      return;
    }
    card.hidden = false;
    if (card.dataset.row !== String(row)) this.#fillCard(row);
    const box = this.host.getBoundingClientRect();
    const left = Math.min(x - box.left + 14, box.width - card.offsetWidth - 8);
    const below = y - box.top + 14 + card.offsetHeight < box.height;
    card.style.transform = `translate(${Math.max(4, left)}px, ${below ? y - box.top + 14 : Math.max(4, y - box.top - card.offsetHeight - 10)}px)`;
  }

  #fillCard(row) {
    const { model, card } = this;
    card.dataset.row = String(row);
    card.dataset.kind = model.kindOf(row);
    const line = (text, tag = "span") => {
      const made = document.createElement(tag);
      made.textContent = text;
      return made;
    };
    const parts = [
      line(model.predictionOf(row), "b"),
      line(model.data.wrong[row] ? `is ${model.truthOf(row)}` : "correct"),
      line(`${model.data.meta.label} ${score(model.confidenceOf(row))}`),
      line(model.studyOf(row), "small"),
    ];
    const words = document.createElement("div");
    words.append(...parts);
    card.replaceChildren(words);
    if (model.info.images) {
      const image = document.createElement("img");
      image.alt = "";
      image.src = model.imageUrl(row, 96);
      card.prepend(image);
    }
  }
}
