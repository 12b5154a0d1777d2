// A slider's value while it is dragged, read off its thumb. Through Dash every step takes 40 ms and more, since each
// goes by all components of the page; so Dash hears of the value at rest, and what must follow the mouse looks here.

const valueIn = (host) => Number(host.querySelector("[role=slider]")?.getAttribute("aria-valuenow") ?? NaN);

/** Calls `use(value)` for the slider's present value and for every later one. */
function followSlider(host, use) {
  let last = NaN;
  const look = () => {
    const value = valueIn(host);
    if (Number.isNaN(value) || value === last) return;
    last = value;
    use(value);
  };
  new MutationObserver(look).observe(host, { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-valuenow"] });
  look();
}

/** The page's sliders: the threshold, and the look of the points. */
export function followSliders(model) {
  const follow = (id, use) => followSlider(document.getElementById(id), use);
  follow("threshold", (percent) => model.dragTarget(Math.round(percent * 10)));
  follow("point-size", (size) => model.map.setPoints({ size }));
  follow("point-opacity", (opacity) => model.map.setPoints({ opacity }));
}
