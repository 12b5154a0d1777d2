// The elements of the latent map and their size: canvas, the canvas over it, the words for who cannot see them.

const HELP =
  "Arrow keys move the map, plus and minus zoom, 0 shows everything. Enter focuses the point nearest to the middle. " +
  "L switches the lasso on and off, P goes back to moving; with the mouse, Shift and drag adds to the selection, Alt " +
  "and drag takes away. S selects what the view shows, Shift and S adds it. Escape cancels.";
const MOST_RATIO = 2;
const WHOLE = { position: "absolute", inset: "0", width: "100%", height: "100%", display: "block" };
const UNSEEN = {
  position: "absolute", width: "1px", height: "1px", margin: "0", overflow: "hidden", clipPath: "inset(50%)", whiteSpace: "nowrap",
};

/** Builds the elements in `host`; `resized(width, height, ratio)` gets CSS pixels and device pixels per CSS pixel. */
export function buildFrame(host, resized) {
  const add = (tag, fields, style, attributes) => {
    const made = Object.assign(document.createElement(tag), fields);
    Object.assign(made.style, style);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    host.append(made);
    return made;
  };
  if (getComputedStyle(host).position === "static") host.style.position = "relative";
  const help = "latent-map-keys";
  const canvas = add(
    "canvas", { id: "latent-map", tabIndex: 0 }, { ...WHOLE, touchAction: "none", outlineOffset: "-2px" },
    { role: "application", "aria-label": "Latent map", "aria-describedby": help },
  );
  const cover = add("canvas", {}, { ...WHOLE, pointerEvents: "none" }, { "aria-hidden": "true" });
  const words = add("p", { id: help, textContent: HELP }, UNSEEN, {});
  const live = add("p", {}, UNSEEN, { role: "status" });

  const measure = () => {
    const { clientWidth, clientHeight } = host;
    const ratio = Math.min(Math.max(window.devicePixelRatio || 1, 1), MOST_RATIO);
    if (clientWidth > 0 && clientHeight > 0) resized(clientWidth, clientHeight, ratio);
  };
  const observer = new ResizeObserver(measure);
  let query = null;
  const ratioChanged = () => {
    query?.removeEventListener("change", ratioChanged);
    query = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    query.addEventListener("change", ratioChanged);
    measure();
  };
  return {
    canvas,
    cover,
    say: (text) => { live.textContent = text; },
    watch: () => {
      observer.observe(host);
      ratioChanged();
    },
    remove: () => {
      observer.disconnect();
      query?.removeEventListener("change", ratioChanged);
      for (const element of [canvas, cover, words, live]) element.remove();
    },
  };
}
