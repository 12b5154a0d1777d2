// The lasso as a tool: its path while it is drawn, the count beside the cursor, and what it selects.
import { areaOf, roundedPolygon, simplified, toData } from "./pointmap-geometry.mjs";
import { eachInside, emphasisAfter, maskOf } from "./pointmap-lasso.mjs";

const MODES = ["replace", "add", "subtract"];
const MOST_CORNERS = 64;
const STEP = 2;
const TOLERANCE = 0.75;
const LEAST_AREA = 12;
const COARSE = 256;

export class LassoTool {
  /** `taken({polygon, mode, count})` is called for every finished lasso. */
  constructor(stage, overlay, taken) {
    Object.assign(this, { stage, overlay, taken, ms: 0 });
  }

  start(mode, x, y) {
    this.overlay.lasso = { path: [[x, y]], mode, says: "" };
    this.nextCount = 0;
  }

  to(x, y) {
    const { lasso } = this.overlay;
    if (lasso === null) return;
    const [lastX, lastY] = lasso.path[lasso.path.length - 1];
    if (Math.hypot(x - lastX, y - lastY) < STEP) return;
    lasso.path.push([x, y]);
    this.overlay.request();
    this.#count(lasso);
  }

  /** The count follows as fast as counting is: at most a fifth of the time goes into it. */
  #count(lasso) {
    const now = performance.now();
    if (lasso.path.length < 3 || now < this.nextCount) return;
    const count = eachInside(this.stage.points(), maskOf(this.#polygon(lasso.path), COARSE));
    lasso.says = count.toLocaleString("en");
    this.nextCount = performance.now() + 4 * (performance.now() - now);
  }

  /** Finish the lasso; where it is too small to be one, returns where it began. */
  end() {
    const { lasso } = this.overlay;
    if (!this.cancel()) return null;
    if (lasso.path.length < 3 || areaOf(lasso.path) < LEAST_AREA) return lasso.path[0];
    this.#takeSimplified(this.#polygon(lasso.path), lasso.mode);
    return null;
  }

  /** Drop the lasso being drawn; false where there is none (then Escape belongs to the page). */
  cancel() {
    const had = this.overlay.lasso !== null;
    this.overlay.lasso = null;
    if (had) this.overlay.request();
    return had;
  }

  selectView(mode) {
    const { x0, x1, y0, y1 } = this.stage.bounds;
    this.#takeSimplified([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], mode);
  }

  #polygon(path) {
    const { view, ratio } = this.stage;
    return path.map(([x, y]) => toData(view, x * ratio, y * ratio));
  }

  #takeSimplified(polygon, mode) {
    const tolerance = (TOLERANCE * this.stage.ratio) / this.stage.view.scale;
    return this.take(roundedPolygon(simplified(polygon, { tolerance, most: MOST_CORNERS })), mode);
  }

  /** Select by a polygon in data coordinates: shows the approximate selection, tells the page, returns the count. */
  take(polygon, mode) {
    if (!MODES.includes(mode)) throw new RangeError(`unknown lasso mode ${mode}; known: ${MODES.join(", ")}`);
    if (polygon.length < 3) throw new RangeError(`a lasso has three corners or more, not ${polygon.length}`);
    if (polygon.length > MOST_CORNERS) return this.#takeSimplified(polygon, mode);
    const begin = performance.now();
    const { stage } = this;
    const list = stage.points(), mask = maskOf(polygon), before = stage.own("emphasis");
    const { emphasis, count } = emphasisAfter(list, stage.x.length, mask, mode, before);
    if (mode !== "subtract" || before !== null) stage.setStyle({ emphasis });
    this.ms = performance.now() - begin;
    this.taken({ polygon, mode, count });
    return count;
  }
}
