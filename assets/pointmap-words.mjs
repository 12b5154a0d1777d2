// Labels on the map and the outline of what is pointed at, drawn on the overlay. CSS pixels.
import { grown, labelWidth, LABEL_HEIGHT, placeLabels } from "./pointmap-labels.mjs";

const AROUND = 7;
const SPOT = 9;

export class LabelLayer {
  /** `overlay` has context, width, height, placed (boxes of images), toScreen, onTop(box), colours() and request(). */
  constructor(overlay) {
    this.overlay = overlay;
    this.labels = [];
    this.placed = [];
    this.pointed = null;
  }

  get any() {
    return this.placed.length > 0 || this.pointed !== null;
  }

  /** Labels [{key, x, y, text, size}] at data coordinates; those that find no room wait until the view is zoomed. With
   *  `now` false the picture is not complete, and they are placed once it is. */
  set(labels, now) {
    this.labels = labels.map((label, i) => ({ key: String(i), size: 0, ...label }));
    this.placed = [];
    if (now) this.place();
    this.overlay.request();
  }

  /** What is pointed at: {key, x, y, text, hull} with an outline in data coordinates, or null. */
  point(pointed) {
    this.pointed = pointed;
    this.overlay.request();
  }

  /** Choose anew which labels have room; between times they travel with their centres. */
  place() {
    const { context, width, height, toScreen, onTop, placed } = this.overlay;
    this.#useFont();
    const labels = this.labels.map((label) => {
      const [x, y] = toScreen(label.x, label.y);
      return { key: label.key, x, y, size: label.size, w: labelWidth(context.measureText(label.text).width) };
    });
    const byKey = new Map(this.labels.map((label) => [label.key, label]));
    this.placed = placeLabels(labels, { width, height, cost: onTop, blocked: placed })
      .map((box) => ({ ...box, label: byKey.get(box.key) }));
  }

  /** The key of the label at (x, y), null where there is none. */
  at(x, y) {
    const hit = this.placed.find((box) => {
      const [left, top] = this.#cornerOf(box);
      return x >= left && y >= top && x <= left + box.w && y <= top + box.h;
    });
    return hit ? hit.key : null;
  }

  draw() {
    if (!this.any) return;
    this.#useFont();
    const own = this.pointed?.key;
    for (const box of this.placed) {
      if (box.key !== own) this.#label(box.label.text, ...this.#cornerOf(box), box.w);
    }
    if (!this.pointed) return;
    const box = this.placed.find(({ key }) => key === own);
    this.#label(this.pointed.text, ...(box ? [...this.#cornerOf(box), box.w] : this.#overCentre(this.pointed)), true);
  }

  drawOutline() {
    if (!this.pointed) return;
    const { context, toScreen } = this.overlay;
    const { accent, ground } = this.overlay.colours();
    const corners = this.pointed.hull.map(([x, y]) => toScreen(x, y));
    for (const [colour, width] of [[ground, 4.5], [accent, 1.75]]) {
      context.beginPath();
      if (corners.length < 3) for (const [x, y] of corners) this.#spot(x, y);
      else grown(corners, AROUND).forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.closePath();
      context.lineJoin = "round";
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke();
    }
    context.globalAlpha = 0.08;
    context.fillStyle = accent;
    context.fill();
    context.globalAlpha = 1;
  }

  #spot(x, y) {
    const { context } = this.overlay;
    context.moveTo(x + SPOT, y);
    context.arc(x, y, SPOT, 0, 2 * Math.PI);
  }

  #useFont() {
    this.overlay.context.font = this.overlay.font;
  }

  /** Where a placed label stands now. */
  #cornerOf({ label, dx, dy }) {
    const [x, y] = this.overlay.toScreen(label.x, label.y);
    return [x + dx, y + dy];
  }

  /** The place of a label over its centre, whatever stands there, within the picture. */
  #overCentre({ x, y, text }) {
    const { context, width, height, toScreen } = this.overlay;
    const [px, py] = toScreen(x, y), w = labelWidth(context.measureText(text).width);
    const held = (value, most) => Math.min(Math.max(value, 2), Math.max(2, most - 2));
    return [held(px - w / 2, width - w), held(py - LABEL_HEIGHT / 2, height - LABEL_HEIGHT), w];
  }

  #label(text, x, y, w, chosen = false) {
    const { context } = this.overlay;
    const { ground, ink, line, accent } = this.overlay.colours();
    context.beginPath();
    context.roundRect(Math.round(x) + 0.5, Math.round(y) + 0.5, w - 1, LABEL_HEIGHT - 1, 4);
    context.globalAlpha = chosen ? 1 : 0.9;
    context.fillStyle = ground;
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = chosen ? accent : line;
    context.lineWidth = chosen ? 1.75 : 1;
    context.stroke();
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = ink;
    context.fillText(text, Math.round(x) + w / 2, Math.round(y) + LABEL_HEIGHT / 2 + 0.5);
  }
}
