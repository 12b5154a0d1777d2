// The latent-space map: up to millions of points on a plain 2-D canvas. No WebGL, no dependency, no network.
//
//   const map = createPointMap(host, { onLasso, onHover, onClick, onView, onMode });
//
// puts <canvas id="latent-map"> into `host` (an element with a size) and returns
//
//   setGeometry(x, y)      Float32Arrays in row order, data coordinates, y upwards; NaN rows are not drawn. Fits the view.
//   setStyle({...})        any of: colour (Uint8Array, a code per row), palette (at most 256 CSS colours or packed pixels),
//                          shape (Uint8Array: 0 disc = source, 1 plus = target), layer (Uint8Array: 0 .. 3, later is on
//                          top), visible (Uint8Array 0/1), emphasis (Uint8Array 0/1 or null: the others fade), size (CSS
//                          px), opacity (0 .. 1), dark (bool), background (CSS colour). Arrays are kept by reference; after
//                          changing one in place call invalidate(). An array of another length than the geometry waits,
//                          unused, for its geometry.
//   setRings([{row, colour, radius, label}])   marks; colour "accent" follows the theme; an arrow at the edge where the
//                          point lies outside the view
//   setImages(rows, urlOf) thumbnails beside their points where there is room, in this order of precedence
//   setLabels([{x, y, text}])                  words at data coordinates
//   setMode("pan" | "lasso"), mode(), fit(), setView({x0, x1, y0, y1}), view(), invalidate(), destroy(), canvas, handle
//
// Events: onLasso({polygon, mode, count}): data coordinates [[x, y], ...], at most 64 corners, rounded to four digits of
// its own size, even-odd rule; mode "replace" | "add" | "subtract"; `count` is approximate, and so is the emphasis shown
// until setStyle({emphasis}) brings the exact one. onHover(row | -1, x, y): CSS pixels of the page's viewport.
// onClick(row | -1). onView(bounds | null): after the user moved the view; null where it shows everything (fit).
// onMode(mode). setView() and fit() called on the map itself are the page's own doing and send no onView.
//
// canvas.pointmap, for tests and benchmarks: everything a mouse can do (screen coordinates are CSS pixels of the page's
// viewport, which is what page.mouse takes):
//
//   ready                   a promise: the present geometry stands in full quality (a new one after setGeometry)
//   count, drawnCount()     rows of the geometry; points that are visible and finite
//   frameTimes()            ms of drawing of the last frames (at most 600) that were drawn in one go
//   frames()                the same with more: {at (performance.now()), ms, kind: "full" | "draft" | "sliced"}
//   screenOf(row)           {x, y}, or null for a row without finite coordinates
//   rowAt(x, y)             the row that a click there focuses: a shape under the cursor (higher layer, then nearer centre),
//                           else the nearest within 4 pixels; -1 for none
//   lasso(polygon, mode)    as if drawn; returns the approximate number of visible points inside
//   focus(row)              as if clicked, brought into view first if need be
//   setView(bounds), view() as if zoomed and panned; at equal scale on both axes the view may show more than the bounds
//   mode(), setMode(mode)   the tool
//   settled()               a promise: the next full-quality picture stands
import { Overlay } from "./pointmap-overlay.mjs";
import { KEYS_HELP, bindGestures } from "./pointmap-input.mjs";
import { Stage } from "./pointmap-stage.mjs";
import { areaOf, heldNear, pannedBy, roundedPolygon, simplified, toData, toScreen, zoomedAt } from "./pointmap-geometry.mjs";
import { eachInside, emphasisAfter, maskOf } from "./pointmap-lasso.mjs";

const SLACK = 4;
const PICK_SLACK = 80;
const MODES = ["pan", "lasso"];
const LASSO_MODES = ["replace", "add", "subtract"];

export function createPointMap(host, events = {}) {
  return new PointMap(host, events).face();
}

class PointMap {
  constructor(host, events) {
    this.host = host;
    this.events = events;
    this.currentMode = "pan";
    this.waiting = [];
    this.#build();
    this.stage = new Stage(this.canvas, (complete) => this.#drawn(complete));
    this.overlay = new Overlay(this.cover, {
      locate: (row) => this.#locate(row),
      toScreen: (x, y) => toScreen(this.stage.view, x, y).map((value) => value / this.stage.ratio),
      covered: (box) => this.stage.raster.covered(this.#device(box)),
      colours: () => this.#colours(),
    });
    bindGestures(this.canvas, this.#acts());
    this.canvas.addEventListener("blur", () => this.#crosshair(false));
    this.canvas.pointmap = this.#handle();
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(host);
    this.#watchRatio();
    this.#resize();
  }

  #build() {
    const make = (tag, fields, style) => {
      const made = Object.assign(document.createElement(tag), fields);
      Object.assign(made.style, style);
      return made;
    };
    const whole = { position: "absolute", inset: "0", width: "100%", height: "100%", display: "block" };
    const unseen = { position: "absolute", width: "1px", height: "1px", overflow: "hidden", clipPath: "inset(50%)", whiteSpace: "nowrap" };
    this.canvas = make("canvas", { id: "latent-map", tabIndex: 0 }, { ...whole, touchAction: "none" });
    this.cover = make("canvas", {}, { ...whole, pointerEvents: "none" });
    this.help = make("p", { id: "latent-map-keys", textContent: KEYS_HELP }, unseen);
    this.live = make("p", {}, unseen);
    this.live.setAttribute("role", "status");
    this.cover.setAttribute("aria-hidden", "true");
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", "Latent map");
    this.canvas.setAttribute("aria-describedby", this.help.id);
    if (getComputedStyle(this.host).position === "static") this.host.style.position = "relative";
    this.host.append(this.canvas, this.cover, this.help, this.live);
    this.#cursor();
  }

  destroy() {
    this.observer.disconnect();
    this.ratioQuery?.removeEventListener("change", this.ratioChanged);
    this.stage.stop();
    for (const element of [this.canvas, this.cover, this.help, this.live]) element.remove();
  }

  // ---- size and colours -------------------------------------------------------------------------------------

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width < 1 || height < 1) return;
    const ratio = Math.min(Math.max(window.devicePixelRatio || 1, 1), 2);
    this.overlay.resize(width, height, ratio);
    this.stage.resize(width, height, ratio);
    this.overlay.draw();
  }

  #watchRatio() {
    this.ratioQuery?.removeEventListener("change", this.ratioChanged);
    this.ratioQuery = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    this.ratioChanged = () => {
      this.#watchRatio();
      this.#resize();
    };
    this.ratioQuery.addEventListener("change", this.ratioChanged);
  }

  #colours() {
    const { dark, background } = this.stage.style;
    const ground = `rgb(${background & 255}, ${(background >>> 8) & 255}, ${(background >>> 16) & 255})`;
    const own = getComputedStyle(this.host).getPropertyValue("--accent-ring").trim();
    return {
      ground, accent: own || (dark ? "#9cc6ee" : "#1967ae"), ink: dark ? "#dfe6ec" : "#2b3742", line: dark ? "#46525e" : "#b9c4ce",
    };
  }

  #device({ x, y, w, h }) {
    const { ratio } = this.stage;
    return { x: x * ratio, y: y * ratio, w: w * ratio, h: h * ratio };
  }

  #locate(row) {
    const { x, y, view, ratio } = this.stage;
    if (!(Number.isFinite(x[row]) && Number.isFinite(y[row])) || !ratio) return null;
    const [px, py] = toScreen(view, x[row], y[row]);
    return [px / ratio, py / ratio];
  }

  #drawn(complete) {
    if (complete && this.overlay.rows.length) this.overlay.place();
    this.overlay.draw();
    if (!complete) return;
    for (const done of this.waiting.splice(0)) done();
  }

  #settled() {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.stage.requestIfIdle();
    });
  }

  // ---- gestures ---------------------------------------------------------------------------------------------

  #acts() {
    return {
      mode: () => this.currentMode,
      setMode: (mode) => this.setMode(mode),
      pan: (dx, dy, { keys = false } = {}) => this.#moved(pannedBy(this.stage.view, dx * this.stage.ratio, dy * this.stage.ratio), keys),
      zoom: (x, y, factor, { keys = false } = {}) => this.#zoom(x, y, factor, keys),
      fit: () => {
        this.stage.fit();
        this.events.onView?.(null);
      },
      hover: (x, y, pageX, pageY) => this.#hover(x, y, pageX, pageY),
      click: (x, y) => this.events.onClick?.(this.#rowAt(x, y, SLACK)),
      lassoStart: (mode, x, y) => { this.overlay.lasso = { path: [[x, y]], mode, says: "" }; },
      lassoTo: (x, y) => this.#lassoTo(x, y),
      lassoEnd: () => this.#lassoEnd(),
      lassoCancel: () => this.#lassoCancel(),
      pick: () => this.#pick(),
      selectView: (mode) => this.#selectView(mode),
    };
  }

  #moved(view, keys) {
    if (view.width === 0) return;
    this.#crosshair(keys);
    this.stage.setView(heldNear(view, this.stage.extent));
    this.events.onView?.(this.stage.bounds);
  }

  #zoom(x, y, factor, keys) {
    const { view, ratio, scales } = this.stage;
    this.#moved(zoomedAt(view, x * ratio, y * ratio, factor, ...scales), keys);
  }

  #crosshair(on) {
    if (this.overlay.crosshair === on) return;
    this.overlay.crosshair = on;
    this.overlay.request();
  }

  #rowAt(x, y, slack) {
    const { ratio } = this.stage;
    const pictured = this.overlay.imageAt(x, y);
    return pictured >= 0 ? pictured : this.stage.rowAt(x * ratio, y * ratio, slack * ratio);
  }

  #hover(x, y, pageX, pageY) {
    this.hovered = x === null ? null : [x, y, pageX, pageY];
    if (this.hovering !== undefined) return;
    this.hovering = requestAnimationFrame(() => {
      this.hovering = undefined;
      const row = this.hovered === null ? -1 : this.#rowAt(this.hovered[0], this.hovered[1], SLACK);
      if (row < 0 && this.lastHover === -1) return;
      this.lastHover = row;
      this.#cursor();
      this.events.onHover?.(row, this.hovered?.[2] ?? 0, this.hovered?.[3] ?? 0);
    });
  }

  #cursor() {
    this.canvas.style.cursor = this.currentMode === "lasso" ? "crosshair" : this.lastHover >= 0 ? "pointer" : "grab";
  }

  /** The keyboard's click: the point nearest to the middle of the view. */
  #pick() {
    this.#crosshair(true);
    const row = this.#rowAt(this.overlay.width / 2, this.overlay.height / 2, PICK_SLACK);
    if (row >= 0) this.events.onClick?.(row);
    this.#say(row >= 0 ? `Focused row ${row}` : "No point near the middle of the view");
  }

  #say(text) {
    this.live.textContent = text;
  }

  // ---- lasso ------------------------------------------------------------------------------------------------

  #lassoTo(x, y) {
    const { lasso } = this.overlay;
    if (!lasso) return;
    const [lastX, lastY] = lasso.path[lasso.path.length - 1];
    if (Math.hypot(x - lastX, y - lastY) < 2) return;
    lasso.path.push([x, y]);
    this.overlay.request();
    // The count follows as fast as counting is: at most a fifth of the time goes into it.
    const now = performance.now();
    if (lasso.path.length < 3 || now < (lasso.next ?? 0)) return;
    const count = eachInside(this.stage.points(), maskOf(this.#polygon(lasso.path), 256));
    lasso.says = count.toLocaleString("en");
    lasso.next = performance.now() + 4 * (performance.now() - now);
  }

  #polygon(path) {
    const { view, ratio } = this.stage;
    return path.map(([x, y]) => toData(view, x * ratio, y * ratio));
  }

  #lassoEnd() {
    const { lasso } = this.overlay;
    this.#lassoCancel();
    if (!lasso) return;
    if (lasso.path.length < 3 || areaOf(lasso.path) < 12) {
      this.events.onClick?.(this.#rowAt(...lasso.path[0], SLACK));
      return;
    }
    this.#select(this.#polygon(lasso.path), lasso.mode);
  }

  /** Stop the lasso being drawn; false where there is none (then Escape belongs to the page). */
  #lassoCancel() {
    const had = this.overlay.lasso !== null;
    this.overlay.lasso = null;
    this.overlay.request();
    return had;
  }

  #selectView(mode) {
    const { x0, x1, y0, y1 } = this.stage.bounds;
    return this.#select([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], mode);
  }

  #select(raw, mode) {
    const { scale } = this.stage.view;
    const polygon = roundedPolygon(simplified(raw, { tolerance: 0.75 / scale }));
    return this.#selectExactly(polygon, mode);
  }

  #selectExactly(polygon, mode) {
    if (!LASSO_MODES.includes(mode)) throw new RangeError(`unknown lasso mode ${mode}; known: ${LASSO_MODES.join(", ")}`);
    const { stage } = this;
    const start = performance.now();
    const list = stage.points(), mask = maskOf(polygon);
    const count = eachInside(list, mask);
    const before = stage.style.emphasis?.length === stage.x.length ? stage.style.emphasis : null;
    if (mode !== "subtract" || before) stage.setStyle({ emphasis: emphasisAfter(list, stage.x.length, mask, mode, before) });
    this.lassoMs = performance.now() - start;
    this.#say(`${count.toLocaleString("en")} points ${mode === "subtract" ? "taken away" : mode === "add" ? "added" : "selected"}`);
    this.events.onLasso?.({ polygon, mode, count });
    return count;
  }

  // ---- what the page calls ----------------------------------------------------------------------------------

  setMode(mode) {
    if (!MODES.includes(mode)) throw new RangeError(`unknown mode ${mode}; known: ${MODES.join(", ")}`);
    if (mode === this.currentMode) return;
    this.currentMode = mode;
    this.#lassoCancel();
    this.#cursor();
    this.events.onMode?.(mode);
  }

  #setGeometry(x, y) {
    this.overlay.placed = [];
    this.#lassoCancel();
    this.stage.setGeometry(x, y);
    this.canvas.setAttribute("aria-label", `Latent map, ${this.stage.extent.count.toLocaleString("en")} points`);
  }

  #set(name, value) {
    this.overlay[name] = value;
    this.overlay.request();
  }

  #setImages(rows, urlOf) {
    this.overlay.setImages(rows, urlOf);
    this.overlay.request();
  }

  face() {
    const { stage } = this;
    return {
      canvas: this.canvas,
      handle: this.canvas.pointmap,
      setGeometry: (x, y) => this.#setGeometry(x, y),
      setStyle: (patch) => stage.setStyle(patch),
      setRings: (rings) => this.#set("rings", rings),
      setLabels: (labels) => this.#set("labels", labels),
      setImages: (rows, urlOf) => this.#setImages(rows, urlOf),
      setMode: (mode) => this.setMode(mode),
      mode: () => this.currentMode,
      fit: () => stage.fit(),
      setView: (bounds) => stage.showBounds(bounds),
      view: () => stage.bounds,
      invalidate: () => stage.invalidate(),
      destroy: () => this.destroy(),
    };
  }

  #handle() {
    const map = this, { stage } = this;
    const local = (x, y) => {
      const box = map.canvas.getBoundingClientRect();
      return [x - box.left, y - box.top];
    };
    return {
      get ready() { return stage.ready; },
      get count() { return stage.x.length; },
      get lassoMs() { return map.lassoMs; },
      drawnCount: () => stage.points().n,
      frameTimes: () => stage.frames.filter((frame) => frame.kind !== "sliced").map((frame) => frame.ms),
      frames: () => stage.frames.slice(),
      screenOf: (row) => {
        const spot = map.#locate(row), box = map.canvas.getBoundingClientRect();
        return spot && { x: spot[0] + box.left, y: spot[1] + box.top };
      },
      rowAt: (x, y) => map.#rowAt(...local(x, y), SLACK),
      lasso: (polygon, mode = "replace") => (polygon.length > 64 ? map.#select(polygon, mode) : map.#selectExactly(polygon, mode)),
      focus: (row) => map.#focus(row),
      setView: (bounds) => {
        stage.showBounds(bounds);
        map.events.onView?.(stage.bounds);
      },
      view: () => stage.bounds,
      mode: () => map.currentMode,
      setMode: (mode) => map.setMode(mode),
      settled: () => map.#settled(),
    };
  }

  #focus(row) {
    const { stage, overlay } = this;
    const spot = this.#locate(row);
    if (!spot) return;
    const [x, y] = spot;
    if (x < 0 || y < 0 || x > overlay.width || y > overlay.height) {
      this.#moved({ ...stage.view, cx: stage.x[row], cy: stage.y[row] }, false);
    }
    this.events.onClick?.(row);
  }
}
