// What a part shows while the server computes it: that it waits, and after a moment how far it is.
import { show } from "./plain.mjs";

const QUIET = 600;
const EVERY = 400;
const node = (type, props, ...children) => ({ type, props: { ...props, children } });

/**
 * Marks the part as waiting and asks `progress()` for {share, words} now and then; returns what ends this. A part may
 * wait for several answers at once: it is done when the last one is.
 */
export function waiting(part, progress) {
  const host = part.section.querySelector(".bench-waits");
  part.waits += 1;
  part.body.setAttribute("aria-busy", "true");
  let over = false, timer = setTimeout(look, QUIET);

  async function look() {
    const told = await progress().catch(() => null);
    if (over) return;
    if (told?.share !== null && told?.share !== undefined) draw(host, told);
    timer = setTimeout(look, EVERY);
  }

  return () => {
    over = true;
    clearTimeout(timer);
    part.waits -= 1;
    if (part.waits) return;
    part.body.setAttribute("aria-busy", "false");
    host.hidden = true;
    show(host, []);
  };
}

function draw(host, { share, words }) {
  const percent = Math.round(100 * share);
  host.hidden = false;
  show(host, [
    node("Div", { className: "bench-progress", role: "progressbar", "aria-label": "Computing", "aria-valuenow": percent, "aria-valuemin": 0, "aria-valuemax": 100, style: { "--part": `${percent}%` } }),
    node("Span", { className: "quiet-text" }, `${percent} % · ${words}`),
  ]);
}
