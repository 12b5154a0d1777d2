// The latent-space map: up to millions of points on a plain 2-D canvas. No WebGL, no dependency, no network.
//
//   const map = createPointMap(host, { onLasso, onHover, onClick, onView, onMode });
//
// puts <canvas id="latent-map"> into `host` (an element with a size) and returns
//
//   setGeometry(x, y)      Float32Arrays in row order, data coordinates, y upwards; NaN rows are not drawn. Fits the view.
//   setStyle({...})        any of: colour (Uint8Array, a code per row), palette (at most 256 CSS colours or packed pixels),
//                          shape (Uint8Array: 0 disc = source, 1 plus = target, 2 diamond = neither), layer (Uint8Array: 0 .. 3, later is on
//                          top), visible (Uint8Array 0/1), emphasis (Uint8Array 0/1 or null: the others fade), size (CSS
//                          px), opacity (0 .. 1), dark (bool), background (CSS colour), rim (CSS colour around layer 3, or null). Arrays are kept by reference; after
//                          changing one in place call invalidate(). An array of another length than the geometry waits,
//                          unused, for its geometry.
//   setRings([{row, colour, radius, label}])   marks; colour "accent" follows the theme; an arrow at the edge where the
//                          point lies outside the view
//   setImages(rows, urlOf) thumbnails beside their points where there is room, in this order of precedence
//   setLabels([{key, x, y, text, size}])       words at data coordinates, where there is room, the larger first; they keep
//                          off the points of layer 3 where they can
//   setPointed({key, x, y, text, hull} | null) outlines what is pointed at, with its words: hull [[x, y], ...] in data
//                          coordinates
//   setMode("pan" | "lasso"), mode(), fit(), setView({x0, x1, y0, y1}), view(), invalidate(), destroy(), canvas, handle
//
// Events: onLasso({polygon, mode, count}): data coordinates [[x, y], ...], at most 64 corners, rounded to four digits of
// its own size, even-odd rule; mode "replace" | "add" | "subtract"; `count` is approximate, and so is the emphasis shown
// until setStyle({emphasis}) brings the exact one. onHover(row | -1, x, y): CSS pixels of the page's viewport.
// onClick(row | -1). onView(bounds | null): after the user moved the view; null where it shows everything (fit).
// onMode(mode). onLabel(key | null): the pointer is on a label; onLabelClick(key). setView() and fit() called on the map itself are the page's own doing and send no onView.
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
//   lasso(polygon, mode)    as if drawn (three corners or more; up to 64 are passed on as they are); returns the
//                           approximate number of visible points inside. lassoMs: how long the last one took
//   focus(row)              as if clicked, brought into view first if need be
//   setView(bounds), view() as if zoomed and panned; at equal scale on both axes the view may show more than the bounds
//   mode(), setMode(mode)   the tool: "pan" | "lasso"
//   imagesShown()           rows whose thumbnails have found room
//   labelsShown()           {key, text, x, y, w, h} of the labels that have found room
//   pointedAt()             the key of what is outlined, or null
//   settled()               a promise: the next full-quality picture stands
import { buildFrame } from "./pointmap-frame.mjs";
import { LassoTool } from "./pointmap-selecting.mjs";
import { Overlay } from "./pointmap-overlay.mjs";
import { Stage } from "./pointmap-stage.mjs";
import { bindGestures } from "./pointmap-input.mjs";
import { cssOf } from "./pointmap-stamp.mjs";
import { heldNear, pannedBy, toScreen, zoomedAt } from "./pointmap-geometry.mjs";

const SLACK = 4;
const PICK_SLACK = 80;
const MODES = ["pan", "lasso"];

export function createPointMap(host, events = {}) {
  return new PointMap(host, events).face();
}

class PointMap {
  constructor(host, events) {
    this.host = host;
    this.events = events;
    this.tool = "pan";
    this.lastLabel = null;
    this.waiting = [];
    this.frame = buildFrame(host, (width, height, ratio) => this.#resized(width, height, ratio));
    this.canvas = this.frame.canvas;
    this.stage = new Stage(this.canvas, (complete) => this.#drawn(complete));
    this.overlay = new Overlay(this.frame.cover, {
      locate: (row) => this.#locate(row),
      toScreen: (x, y) => toScreen(this.stage.view, x, y).map((value) => value / this.stage.ratio),
      covered: (box) => this.stage.covered(box),
      onTop: (box) => this.stage.onTop(box),
      inkOf: (row) => this.#inkOf(row),
      colours: () => this.#colours(),
    });
    this.lasso = new LassoTool(this.stage, this.overlay, (event) => {
      const verb = { replace: "selected", add: "added", subtract: "taken away" }[event.mode];
      this.frame.say(`${event.count.toLocaleString("en")} points ${verb}`);
      this.events.onLasso?.(event);
    });
    bindGestures(this.canvas, this.#acts());
    this.canvas.addEventListener("blur", () => this.#crosshair(false));
    this.canvas.pointmap = this.#handle();
    this.#cursor();
    this.frame.watch();
  }

  #resized(width, height, ratio) {
    this.overlay.resize(width, height, ratio);
    this.stage.resize(width, height, ratio);
    this.overlay.draw();
  }

  #colours() {
    const { dark, background } = this.stage.style;
    this.accent ??= getComputedStyle(this.host).getPropertyValue("--accent-ring").trim() || (dark ? "#9cc6ee" : "#1967ae");
    return {
      ground: cssOf(background),
      accent: this.accent, ink: dark ? "#dfe6ec" : "#2b3742", line: dark ? "#46525e" : "#b9c4ce",
    };
  }

  /** The colour of a row's point, null where it is hidden. */
  #inkOf(row) {
    const visible = this.stage.own("visible"), colour = this.stage.own("colour");
    if (visible !== null && visible[row] === 0) return null;
    return cssOf(this.stage.style.palette[colour === null ? 0 : colour[row]]);
  }

  /** Where a row lies on the canvas in CSS pixels, null where it has no place. */
  #locate(row) {
    const { x, y, view, ratio } = this.stage;
    if (!(Number.isFinite(x[row]) && Number.isFinite(y[row])) || !ratio) return null;
    const [px, py] = toScreen(view, x[row], y[row]);
    return [px / ratio, py / ratio];
  }

  #drawn(complete) {
    if (complete) this.overlay.place();
    this.overlay.draw();
    if (complete) for (const done of this.waiting.splice(0)) done();
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
      mode: () => this.tool,
      setMode: (mode) => this.#setMode(mode),
      pan: (dx, dy, keys) => this.#moved(pannedBy(this.stage.view, dx * this.stage.ratio, dy * this.stage.ratio), keys),
      zoom: (x, y, factor, keys) => this.#zoom(x, y, factor, keys),
      fit: () => {
        this.stage.fit();
        this.events.onView?.(null);
      },
      hover: (...at) => this.#hover(at[0] === null ? null : at),
      click: (x, y) => this.#click(x, y),
      lassoStart: (mode, x, y) => this.lasso.start(mode, x, y),
      lassoTo: (x, y) => this.lasso.to(x, y),
      lassoEnd: () => this.#lassoEnd(),
      lassoCancel: () => this.lasso.cancel(),
      pick: () => this.#pick(),
      selectView: (mode) => this.lasso.selectView(mode),
    };
  }

  #moved(view, keys = false) {
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

  #click(x, y) {
    const label = this.overlay.words.at(x, y);
    if (label !== null) this.events.onLabelClick?.(label);
    else this.events.onClick?.(this.#rowAt(x, y, SLACK));
  }

  /** At most one look-up per frame; `at` is [x, y, pageX, pageY] or null. */
  #hover(at) {
    this.hovered = at;
    this.hovering ??= requestAnimationFrame(() => {
      this.hovering = undefined;
      const label = this.hovered === null ? null : this.overlay.words.at(this.hovered[0], this.hovered[1]);
      if (label !== this.lastLabel) {
        this.lastLabel = label;
        this.#cursor();
        this.events.onLabel?.(label);
      }
      const row = this.hovered === null || label !== null ? -1 : this.#rowAt(this.hovered[0], this.hovered[1], SLACK);
      if (row < 0 && this.lastHover === -1) return;
      this.lastHover = row;
      this.#cursor();
      this.events.onHover?.(row, this.hovered?.[2] ?? 0, this.hovered?.[3] ?? 0);
    });
  }

  #cursor() {
    this.canvas.style.cursor = this.tool === "lasso" ? "crosshair" : this.lastHover >= 0 || this.lastLabel !== null ? "pointer" : "grab";
  }

  #lassoEnd() {
    const start = this.lasso.end();
    // Too small to be a lasso: a click with an unsteady hand.
    if (start) this.events.onClick?.(this.#rowAt(...start, SLACK));
  }

  /** The keyboard's click: the point nearest to the middle of the view. */
  #pick() {
    this.#crosshair(true);
    const row = this.#rowAt(this.overlay.width / 2, this.overlay.height / 2, PICK_SLACK);
    if (row >= 0) this.events.onClick?.(row);
    this.frame.say(row >= 0 ? `Focused row ${row}` : "No point near the middle of the view");
  }

  #focus(row) {
    const { stage, overlay } = this;
    const spot = this.#locate(row);
    if (spot === null) return;
    const [x, y] = spot;
    const outside = x < 0 || y < 0 || x > overlay.width || y > overlay.height;
    if (outside) this.#moved({ ...stage.view, cx: stage.x[row], cy: stage.y[row] });
    this.events.onClick?.(row);
  }

  // ---- what the page calls ----------------------------------------------------------------------------------

  #setMode(mode) {
    if (!MODES.includes(mode)) throw new RangeError(`unknown mode ${mode}; known: ${MODES.join(", ")}`);
    if (mode === this.tool) return;
    this.tool = mode;
    this.lasso.cancel();
    this.#cursor();
    this.events.onMode?.(mode);
  }

  #setGeometry(x, y) {
    this.lasso.cancel();
    this.overlay.forgetPlaces();
    this.stage.setGeometry(x, y);
    this.canvas.setAttribute("aria-label", `Latent map, ${this.stage.extent.count.toLocaleString("en")} points`);
  }

  #setStyle(patch) {
    this.accent = undefined;
    this.stage.setStyle(patch);
  }

  #destroy() {
    this.stage.stop();
    this.frame.remove();
  }

  face() {
    const { stage, overlay } = this;
    return {
      canvas: this.canvas,
      handle: this.canvas.pointmap,
      setGeometry: (x, y) => this.#setGeometry(x, y),
      setStyle: (patch) => this.#setStyle(patch),
      setRings: (rings) => overlay.setRings(rings),
      setLabels: (labels) => overlay.words.set(labels, stage.raster.complete),
      setPointed: (pointed) => overlay.words.point(pointed),
      setImages: (rows, urlOf) => overlay.setImages(rows, urlOf, stage.raster.complete),
      setMode: (mode) => this.#setMode(mode),
      mode: () => this.tool,
      fit: () => stage.fit(),
      setView: (bounds) => stage.showBounds(bounds),
      view: () => stage.bounds,
      invalidate: () => stage.invalidate(),
      destroy: () => this.#destroy(),
    };
  }

  #handle() {
    const map = this, { stage } = this;
    const corner = () => map.canvas.getBoundingClientRect();
    return {
      get ready() { return stage.ready; },
      get count() { return stage.x.length; },
      get lassoMs() { return map.lasso.ms; },
      drawnCount: () => stage.points().n,
      frameTimes: () => stage.frames.filter((frame) => frame.kind !== "sliced").map((frame) => frame.ms),
      frames: () => stage.frames.slice(),
      screenOf: (row) => {
        const spot = map.#locate(row), { left, top } = corner();
        return spot && { x: spot[0] + left, y: spot[1] + top };
      },
      rowAt: (x, y) => {
        const { left, top } = corner();
        return map.#rowAt(x - left, y - top, SLACK);
      },
      imagesShown: () => map.overlay.placed.map(({ row }) => row),
      labelsShown: () => map.overlay.words.placed.map(({ key, label, x, y, w, h }) => ({ key, text: label.text, x, y, w, h })),
      pointedAt: () => map.overlay.words.pointed?.key ?? null,
      lasso: (polygon, mode = "replace") => map.lasso.take(polygon, mode),
      focus: (row) => map.#focus(row),
      setView: (bounds) => {
        stage.showBounds(bounds);
        map.events.onView?.(stage.bounds);
      },
      view: () => stage.bounds,
      mode: () => map.tool,
      setMode: (mode) => map.#setMode(mode),
      settled: () => map.#settled(),
    };
  }
}
