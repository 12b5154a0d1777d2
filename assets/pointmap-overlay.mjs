// What lies over the points: rings, labels, images with their leaders, the lasso while it is drawn. CSS pixels.
import { placeImages } from "./pointmap-geometry.mjs";
import { LabelLayer } from "./pointmap-words.mjs";

const MOST_TRIED = 400;
const KEPT_PICTURES = 400;
const FOUND = 420;
const POINT = 6;
const FONT = "11.5px system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif";

export class Overlay {
  /** `locate(row)` -> [x, y] in CSS pixels or null; `covered(box)` -> share of a box that shows points; `onTop(box)` -> how
   *  many points of the topmost layer it shows; `inkOf(row)` -> the CSS colour of a row's point, null where it is hidden. */
  constructor(canvas, { locate, covered, onTop, inkOf, toScreen, colours }) {
    Object.assign(this, { canvas, locate, covered, onTop, inkOf, toScreen, colours });
    this.context = canvas.getContext("2d");
    this.font = FONT;
    this.rings = [];
    this.words = new LabelLayer(this);
    this.rows = [];
    this.urlOf = () => "";
    this.placed = [];
    this.pictures = new Map();
    this.lasso = null;
    this.crosshair = false;
  }

  resize(width, height, ratio) {
    this.width = width;
    this.height = height;
    this.ratio = ratio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.blank = false;
  }

  /** With `now` false the picture is not complete, and the new ones are placed once it is. */
  setImages(rows, urlOf, now) {
    this.rows = Array.from(rows);
    this.urlOf = urlOf;
    const kept = new Set(this.rows);
    if (now) this.place();
    else this.placed = this.placed.filter(({ row }) => kept.has(row));
    this.request();
  }

  /** A ring on a row that had none draws itself together, so that the eye finds it. */
  setRings(rings) {
    const before = new Map(this.rings.map((ring) => [ring.row, ring.since]));
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.rings = rings.map((ring) => ({ ...ring, since: before.get(ring.row) ?? (still ? 0 : performance.now()) }));
    this.request();
  }

  forgetPlaces() {
    this.placed = [];
    this.words.placed = [];
  }

  /** Choose anew which images have room; between times they travel with their points. */
  place() {
    const points = [];
    for (const row of this.rows) {
      const spot = this.inkOf(row) === null ? null : this.locate(row);
      const seen = spot && spot[0] >= 0 && spot[1] >= 0 && spot[0] <= this.width && spot[1] <= this.height;
      if (seen) points.push({ row, x: spot[0], y: spot[1] });
      if (points.length === MOST_TRIED) break;
    }
    this.placed = placeImages(points, { width: this.width, height: this.height, covered: this.covered });
    this.words.place();
  }

  /** The row whose image lies at (x, y), -1 where none does. */
  imageAt(x, y) {
    const hit = this.placed.find((box) => x >= box.x && y >= box.y && x <= box.x + box.w && y <= box.y + box.h);
    return hit ? hit.row : -1;
  }

  request() {
    if (this.requested !== undefined) return;
    this.requested = requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.requested);
    this.requested = undefined;
    const { context } = this;
    const blank = !this.lasso && !this.crosshair && !this.words.any && !(this.placed.length + this.rings.length);
    if (blank && this.blank) return;
    this.blank = blank;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.font = FONT;
    this.words.drawOutline();
    this.#drawImages();
    this.words.draw();
    for (const ring of this.rings) this.#drawRing(ring);
    if (this.crosshair) this.#drawCrosshair();
    if (this.lasso) this.#drawLasso(this.lasso);
  }

  // ---- images -----------------------------------------------------------------------------------------------

  #picture(row) {
    const url = this.urlOf(row);
    if (!url) return null;
    let picture = this.pictures.get(url);
    if (!picture) {
      if (this.pictures.size >= KEPT_PICTURES) this.pictures.delete(this.pictures.keys().next().value);
      picture = new Image();
      picture.decoding = "async";
      picture.addEventListener("load", () => this.request());
      picture.addEventListener("error", () => { picture.failed = true; });
      picture.src = url;
      this.pictures.set(url, picture);
    }
    return picture.complete && picture.naturalWidth > 0 ? picture : null;
  }

  #drawImages() {
    const { context } = this;
    const { line, ground, ink } = this.colours();
    for (const box of this.placed) {
      const spot = this.locate(box.row), colour = this.inkOf(box.row);
      if (spot === null || colour === null) continue;
      [box.x, box.y] = [spot[0] + box.dx, spot[1] + box.dy];
      const picture = this.#picture(box.row);
      const edge = [clampTo(spot[0], box.x, box.x + box.w), clampTo(spot[1], box.y, box.y + box.h)];
      this.#leader(spot, edge, ground, 3);
      this.#leader(spot, edge, ink, 1);
      context.fillStyle = ground;
      rounded(context, box.x - 3, box.y - 3, box.w + 6, box.h + 6, 5);
      context.fill();
      // The frame has the colour of the point, so that the picture says what the point says.
      context.fillStyle = colour;
      rounded(context, box.x - 2, box.y - 2, box.w + 4, box.h + 4, 4);
      context.fill();
      context.save();
      rounded(context, box.x, box.y, box.w, box.h, 2.5);
      context.clip();
      context.fillStyle = line;
      context.fillRect(box.x, box.y, box.w, box.h);
      if (picture) drawCovering(context, picture, box);
      context.restore();
    }
  }

  /** From a small circle around the point to the edge of its image. */
  #leader([x, y], [toX, toY], colour, width) {
    const far = Math.hypot(toX - x, toY - y) || 1, { context } = this;
    context.beginPath();
    context.arc(x, y, POINT, 0, 2 * Math.PI);
    if (far > POINT) {
      context.moveTo(x + (POINT * (toX - x)) / far, y + (POINT * (toY - y)) / far);
      context.lineTo(toX, toY);
    }
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }

  #path(points, colour, width) {
    const { context } = this;
    context.beginPath();
    points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }

  // ---- rings and labels -------------------------------------------------------------------------------------

  #drawRing({ row, colour, radius = 11, label = "", since }) {
    const spot = this.locate(row);
    if (!spot) return;
    const { context, width, height } = this;
    const { accent, ground } = this.colours();
    const stroke = !colour || colour === "accent" ? accent : colour;
    const left = Math.max(0, 1 - (performance.now() - since) / FOUND);
    const wide = radius * (1 + 2.5 * left ** 3);
    if (left > 0) this.request();
    const margin = radius + 4;
    const x = clampTo(spot[0], margin, width - margin), y = clampTo(spot[1], margin, height - margin);
    if (Math.abs(x - spot[0]) > radius || Math.abs(y - spot[1]) > radius) this.#drawAway(x, y, spot, stroke, ground);
    else {
      for (const [colourOf, thick] of [[ground, 5.5], [stroke, 2.25]]) {
        context.beginPath();
        context.arc(spot[0], spot[1], wide, 0, 2 * Math.PI);
        context.strokeStyle = colourOf;
        context.lineWidth = thick;
        context.stroke();
      }
    }
    if (label) this.#text(label, x + radius + 5, y, "left");
  }

  /** The point lies outside the view: an arrow at the edge says where. */
  #drawAway(x, y, spot, stroke, ground) {
    const { context } = this;
    const angle = Math.atan2(spot[1] - y, spot[0] - x);
    context.save();
    context.translate(x, y);
    context.rotate(angle);
    context.beginPath();
    context.moveTo(11, 0);
    context.lineTo(-6, -8);
    context.lineTo(-2, 0);
    context.lineTo(-6, 8);
    context.closePath();
    context.lineWidth = 4;
    context.strokeStyle = ground;
    context.stroke();
    context.fillStyle = stroke;
    context.fill();
    context.restore();
  }

  #text(text, x, y, align) {
    const { context } = this;
    const { ground, ink } = this.colours();
    context.textAlign = align;
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 4;
    context.strokeStyle = ground;
    context.strokeText(text, x, y);
    context.fillStyle = ink;
    context.fillText(text, x, y);
  }

  #drawCrosshair() {
    const { ink, ground } = this.colours();
    const x = Math.round(this.width / 2) + 0.5, y = Math.round(this.height / 2) + 0.5;
    for (const [colour, width] of [[ground, 4], [ink, 1.5]]) {
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        this.#path([[x + dx * 5, y + dy * 5], [x + dx * 12, y + dy * 12]], colour, width);
      }
    }
  }

  // ---- lasso ------------------------------------------------------------------------------------------------

  #drawLasso({ path, mode, says }) {
    const { context } = this;
    const { accent, ground } = this.colours();
    context.beginPath();
    path.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.globalAlpha = 0.1;
    context.fillStyle = accent;
    context.fill("evenodd");
    context.globalAlpha = 1;
    context.lineJoin = "round";
    this.#path(path, ground, 4);
    this.#path(path, accent, 1.75);
    context.setLineDash([4, 4]);
    this.#path([path[path.length - 1], path[0]], accent, 1.25);
    context.setLineDash([]);
    const [x, y] = path[path.length - 1];
    const sign = { add: "+ ", subtract: "− ", replace: "" }[mode];
    if (says) this.#pill(sign + says, x, y);
  }

  #pill(text, x, y) {
    const { context } = this;
    const { accent, ground } = this.colours();
    const wide = context.measureText(text).width + 14;
    const left = Math.min(Math.max(x + 12, 4), this.width - wide - 4), top = Math.max(y - 30, 4);
    rounded(context, left, top, wide, 20, 10);
    context.fillStyle = accent;
    context.fill();
    context.fillStyle = ground;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillText(text, left + 7, top + 10.5);
  }
}

const clampTo = (value, low, high) => Math.min(Math.max(value, low), high);

function rounded(context, x, y, w, h, r) {
  context.beginPath();
  context.roundRect(x, y, w, h, r);
}

function drawCovering(context, picture, { x, y, w, h }) {
  const { naturalWidth, naturalHeight } = picture;
  const side = Math.min(naturalWidth, naturalHeight);
  context.drawImage(picture, (naturalWidth - side) / 2, (naturalHeight - side) / 2, side, side, x, y, w, h);
}
