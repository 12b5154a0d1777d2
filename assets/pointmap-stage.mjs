// The stage: canvas, view, and when to draw what. A changed view or style is drawn in the next animation frame: in full
// quality where that fits into a frame, else as a draft that full quality replaces once the map is at rest.
import { Raster, looksOf, pixelsOf, rowNear } from "./pointmap-draw.mjs";
import { boundsOf, extentOf, fitView, viewOf } from "./pointmap-geometry.mjs";
import { drawingList, prepared } from "./pointmap-order.mjs";
import { packed, parsedColour } from "./pointmap-stamp.mjs";

const FRAME_BUDGET = 18;
const SLICE_BUDGET = 10;
const REST = 150;
const KEPT_FRAMES = 600;
const ARRAYS = ["colour", "shape", "layer", "visible", "emphasis"];

export class Stage {
  /** `drawn(complete)` is called after every picture, complete or draft. */
  constructor(canvas, drawn) {
    this.canvas = canvas;
    this.drawn = drawn;
    this.context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    this.raster = new Raster();
    this.stamps = new Map();
    this.frames = [];
    this.costPerPixel = 3e-6;
    this.style = {
      colour: null, shape: null, layer: null, visible: null, emphasis: null, size: 5, opacity: 0.85, dark: false, rim: null,
      palette: new Uint32Array(256).fill(packed([77, 106, 125])), background: packed([255, 255, 255]),
    };
    this.view = { cx: 0, cy: 0, scale: 1, width: 0, height: 0 };
    this.fitted = true;
    this.#renewReady();
    this.setGeometry(new Float32Array(0), new Float32Array(0), { empty: true });
  }

  #renewReady() {
    this.readyIsDone = false;
    this.ready = new Promise((resolve) => { this.resolveReady = resolve; });
  }

  // ---- what is drawn ----------------------------------------------------------------------------------------

  setGeometry(x, y, { empty = false } = {}) {
    if (x.length !== y.length) throw new RangeError(`x has ${x.length} values and y has ${y.length}`);
    this.x = x;
    this.y = y;
    this.extent = extentOf(x, y);
    this.geometry = prepared(x, y, this.extent);
    this.list = null;
    this.fitted = true;
    this.wanted = null;
    this.isEmpty = empty;
    if (this.readyIsDone) this.#renewReady();
    this.#fit();
    this.request();
  }

  setStyle(patch) {
    for (const [name, value] of Object.entries(patch)) {
      if (!(name in this.style)) throw new RangeError(`unknown style ${name}; known: ${Object.keys(this.style).join(", ")}`);
      if (value === undefined) continue;
      if (name === "palette") this.style.palette = this.#palette(value);
      else if (name === "rim") this.style.rim = this.pixel(value);
      else if (name === "background") this.style.background = this.pixel(value) ?? this.style.background;
      else this.style[name] = value;
      if (ARRAYS.includes(name)) this.list = null;
    }
    this.request();
  }

  /** A CSS colour as a packed pixel, null where the browser does not know it. */
  pixel(text) {
    if (typeof text === "number") return text;
    if (!text) return null;
    let rgb = parsedColour(text);
    if (rgb === null) {
      this.context.fillStyle = "#808080";
      this.context.fillStyle = text;
      rgb = parsedColour(this.context.fillStyle);
    }
    return rgb && packed(rgb);
  }

  #palette(colours) {
    const made = new Uint32Array(256).fill(packed([128, 128, 128]));
    const known = new Map();
    for (let i = 0; i < Math.min(256, colours.length); i += 1) {
      if (!known.has(colours[i])) known.set(colours[i], this.pixel(colours[i]));
      made[i] = known.get(colours[i]) ?? made[i];
    }
    return made;
  }

  /** A style array, null where there is none of the geometry's length. */
  own(name) {
    const array = this.style[name];
    return array && array.length === this.x.length ? array : null;
  }

  /** The drawing list, made anew where style arrays changed; arrays of another length than the geometry are not used. */
  points() {
    if (this.list === null) {
      this.list = drawingList(this.geometry, Object.fromEntries(ARRAYS.map((name) => [name, this.own(name)])));
      this.raster.complete = false;
    }
    return this.list;
  }

  invalidate() {
    this.list = null;
    this.request();
  }

  // ---- the view ---------------------------------------------------------------------------------------------

  #fit() {
    if (this.view.width > 0) this.view = fitView(this.extent, this.view.width, this.view.height);
  }

  fit() {
    this.fitted = true;
    this.wanted = null;
    this.#fit();
    this.request();
  }

  setView(view) {
    this.view = view;
    this.fitted = false;
    this.request();
  }

  /** Show these bounds (data coordinates); remembered until the canvas has a size. */
  showBounds(bounds) {
    if (this.view.width === 0) this.wanted = bounds;
    else this.setView(viewOf(bounds, this.view.width, this.view.height));
  }

  get bounds() {
    return boundsOf(this.view);
  }

  /** The scales between which one may zoom: a quarter of the fit, and a fraction of float32's own grain. */
  get scales() {
    const fit = fitView(this.extent, this.view.width || 1, this.view.height || 1).scale;
    return [fit / 4, fit * 20000];
  }

  resize(width, height, ratio) {
    const w = Math.round(width * ratio), h = Math.round(height * ratio);
    if (w === this.view.width && h === this.view.height && ratio === this.ratio) return;
    const before = this.view, grown = ratio / (this.ratio ?? ratio);
    this.ratio = ratio;
    this.canvas.width = w;
    this.canvas.height = h;
    this.raster.resize(w, h);
    this.stamps.clear();
    this.view = { ...before, scale: before.scale * grown, width: w, height: h };
    if (this.wanted) {
      this.view = viewOf(this.wanted, w, h);
      this.fitted = false;
      this.wanted = null;
    } else if (this.fitted) this.#fit();
    // A canvas that changes its size is blank until it is drawn: draw now, not in the next frame.
    this.#frame();
  }

  // ---- drawing ----------------------------------------------------------------------------------------------

  request() {
    this.#cancelRefining();
    this.raster.complete = false;
    if (this.requested === undefined) this.requested = requestAnimationFrame(() => this.#frame());
  }

  /** Draw once more, unless a full picture is on its way already. */
  requestIfIdle() {
    if (this.requested === undefined && !this.job && !this.refining) this.request();
  }

  stop() {
    cancelAnimationFrame(this.requested);
    this.#cancelRefining();
  }

  #cancelRefining() {
    clearTimeout(this.refining);
    this.refining = undefined;
    this.job = null;
  }

  #looks(stamps) {
    return looksOf(this.points(), this.view, this.style, {
      pitch: this.raster.pitch, ratio: this.ratio, cache: stamps ? this.stamps : null,
    });
  }

  #frame() {
    cancelAnimationFrame(this.requested);
    this.requested = undefined;
    this.#cancelRefining();
    if (this.view.width === 0) return;
    const start = performance.now();
    const list = this.points();
    this.looks = this.#looks(false);
    const cost = pixelsOf(list, this.looks) * this.costPerPixel + list.n * 4e-6;
    const share = this.shareInPicture ?? 1;
    if (cost * share <= FRAME_BUDGET) {
      this.looks = this.#looks(true);
      for (const step of this.raster.full(list, this.view, this.looks)) void step;
      this.#finish(start, performance.now() - start, "full");
      return;
    }
    const drawn = this.raster.draft(list, this.view, this.looks);
    this.shareInPicture = list.n ? drawn / list.n : 1;
    this.raster.put(this.context);
    this.#record(start, performance.now() - start, "draft");
    this.drawn(false);
    this.refining = setTimeout(() => this.#refine(), REST);
  }

  #refine() {
    const start = performance.now();
    this.looks = this.#looks(true);
    this.job = this.raster.full(this.points(), this.view, this.looks);
    this.#slice(this.job, start, 0);
  }

  #slice(job, start, spent) {
    if (job !== this.job) return;
    const begin = performance.now();
    let done = false;
    while (!done && performance.now() - begin < SLICE_BUDGET) done = job.next().done;
    const total = spent + performance.now() - begin;
    if (done) this.#finish(start, total, "sliced");
    else this.refining = setTimeout(() => this.#slice(job, start, total), 0);
  }

  #finish(start, ms, kind) {
    this.refining = undefined;
    this.job = null;
    const { raster, list } = this;
    this.shareInPicture = list.n ? raster.inPicture / list.n : 1;
    const pixels = pixelsOf(list, this.looks) * this.shareInPicture;
    if (pixels > 1e5) this.costPerPixel = 0.5 * this.costPerPixel + 0.5 * Math.max(ms / pixels, 2e-7);
    raster.put(this.context);
    this.#record(start, ms, kind);
    this.drawn(true);
    if (this.readyIsDone || this.isEmpty) return;
    this.readyIsDone = true;
    this.resolveReady();
  }

  #record(at, ms, kind) {
    this.frames.push({ at, ms, kind });
    if (this.frames.length > KEPT_FRAMES) this.frames.shift();
  }

  // ---- questions --------------------------------------------------------------------------------------------

  /** The topmost row at (px, py) in device pixels, -1 where there is none within `slack` pixels of a shape. */
  rowAt(px, py, slack) {
    if (this.view.width === 0) return -1;
    if (this.raster.complete) return this.raster.rowAt(px, py, slack);
    return rowNear(this.points(), this.view, this.#looks(false), px, py, slack);
  }

  /** Share of a box {x, y, w, h} in CSS pixels that shows points, in the last full picture. */
  covered({ x, y, w, h }) {
    const { ratio } = this;
    return this.raster.covered({ x: x * ratio, y: y * ratio, w: w * ratio, h: h * ratio });
  }

  /** How many points of the topmost layer lie in a box {x, y, w, h} in CSS pixels, in the last full picture. */
  onTop({ x, y, w, h }) {
    const { ratio } = this;
    return this.raster.onTop({ x: x * ratio, y: y * ratio, w: w * ratio, h: h * ratio });
  }
}
