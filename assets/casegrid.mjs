// The windowed grid of cases: thousands of rows, a few dozen cells. Rows come ranked; cells are reused.

const GAP = 8;
const CAPTION = 34;
const WISHED = 104;
const MARGIN_LINES = 2;
const EMPTY = {
  silent: ["No silent failures here", "Every failure of these samples scores below the threshold. Raise the coverage, choose another score or another study."],
  failures: ["No failures here", "Every prediction of these samples is right."],
  rejected: ["Nothing wrongly rejected", "Every correct prediction of these samples is accepted."],
  perfect: ["No failures here", "Every prediction of these samples is right under this score."],
  unselected: ["Nothing of this selection is shown", "It lies in studies or classes that are not chosen. Choose them on the left, or clear the selection."],
  noThreshold: ["No threshold", "This score is missing on every sample that the threshold is chosen on, so nothing can be called silent. Choose another score."],
  empty: ["Nothing is selected", "The selection holds no sample. Draw around some points, or clear it."],
  nothing: ["Nothing is shown", "Choose a study, or clear the class filter, on the left."],
};

export class CaseGrid {
  constructor(host, model) {
    this.host = host;
    this.model = model;
    this.rows = new Uint32Array(0);
    this.cells = [];
    this.stage = document.createElement("div");
    this.stage.className = "case-stage";
    this.words = document.createElement("div");
    this.words.className = "empty-inline";
    this.words.hidden = true;
    host.append(this.stage, this.words);
    // Read when they change: asking for them while the header is being written makes the browser lay out the page.
    this.top = 0;
    this.size = { width: host.clientWidth, height: host.clientHeight };
    host.addEventListener("scroll", () => {
      this.top = host.scrollTop;
      this.#later();
    }, { passive: true });
    host.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => {
      this.size = { width: host.clientWidth, height: host.clientHeight };
      this.#later();
    }).observe(host);
  }

  clear() {
    this.rows = new Uint32Array(0);
    this.words.hidden = true;
    this.#later();
  }

  /** `counted` = {all, within, empty}: the counts of everything shown and of the selection (null without one). */
  show(rows, counted) {
    const same = equal(rows, this.rows);
    this.rows = rows;
    if (!same && this.top > 0) this.#goTo(0);
    const [title, hint] = EMPTY[whyEmpty(this.model.tab, counted)];
    this.words.hidden = rows.length > 0;
    if (!rows.length) this.words.replaceChildren(paragraph(title), paragraph(hint, "quiet-text"));
    this.#later();
  }

  /** The row so many cases further than `row` in the grid's order (the first or last where it is not there), or null. */
  rowBeside(row, by) {
    const { rows } = this;
    const place = row === null ? -1 : this.placeOf(row);
    const next = place < 0 ? (by < rows.length ? 0 : rows.length - 1) : Math.min(Math.max(place + by, 0), rows.length - 1);
    return rows.length ? rows[next] : null;
  }

  placeOf(row) {
    return this.rows.indexOf(row);
  }

  showFocus() {
    const place = this.model.focusRow === null ? -1 : this.placeOf(this.model.focusRow);
    if (place >= 0) this.#scrollTo(place);
    this.#later();
  }

  #later() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.#draw();
    });
  }

  #measure() {
    const width = this.size.width - 2 * GAP;
    const columns = Math.max(1, Math.floor((width + GAP) / (WISHED + GAP)));
    const side = Math.floor((width - GAP * (columns - 1)) / columns);
    const pictures = this.model.info?.images !== false;
    return { columns, side, line: (pictures ? side : 0) + CAPTION + GAP };
  }

  #scrollTo(place) {
    const { columns, line } = this.#measure();
    this.stage.style.height = `${Math.ceil(this.rows.length / columns) * line}px`;
    const top = Math.floor(place / columns) * line;
    if (top < this.top) this.#goTo(top);
    else if (top + line > this.top + this.size.height) this.#goTo(top + line + GAP - this.size.height);
  }

  #goTo(top) {
    this.host.scrollTop = top;
    this.top = this.host.scrollTop;
  }

  #draw() {
    const { columns, side, line } = this.#measure();
    this.stage.style.height = `${Math.ceil(this.rows.length / columns) * line}px`;
    const first = Math.max(0, Math.floor(this.top / line) - MARGIN_LINES) * columns;
    const lines = Math.ceil(this.size.height / line) + 2 * MARGIN_LINES + 1;
    const last = Math.min(this.rows.length, first + lines * columns);
    while (this.cells.length < last - first) this.cells.push(this.#cell());
    this.cells.forEach((cell, i) => {
      const place = first + i;
      cell.hidden = place >= last || !this.model.data;
      if (!cell.hidden) this.#fill(cell, place, columns, side, line);
    });
  }

  #cell() {
    const cell = document.createElement("div");
    cell.className = "case-cell";
    cell.setAttribute("role", "option");
    cell.innerHTML = '<div class="thumb"><img alt="" draggable="false"></div><div class="case-caption"><b></b><span></span><i></i></div>';
    this.stage.append(cell);
    return cell;
  }

  #fill(cell, place, columns, side, line) {
    const { model } = this;
    const row = this.rows[place];
    cell.setAttribute("aria-setsize", String(this.rows.length));
    const key = [row, place, columns, side, line, model.kindOf(row), model.focusRow === row, model.data.meta.name, model.info.version].join();
    if (cell.dataset.key === key) return; // most cells stay as they are while the threshold is dragged
    cell.dataset.key = key;
    cell.style.transform = `translate(${GAP + (place % columns) * (side + GAP)}px, ${Math.floor(place / columns) * line + GAP / 2}px)`;
    cell.style.width = `${side}px`;
    cell.dataset.row = String(row);
    cell.dataset.kind = model.kindOf(row);
    cell.id = `case-${row}`;
    const focused = model.focusRow === row;
    cell.setAttribute("aria-selected", focused ? "true" : "false");
    cell.setAttribute("aria-posinset", String(place + 1));
    if (focused) this.host.setAttribute("aria-activedescendant", cell.id);
    const [frame, caption] = cell.children;
    frame.style.height = `${side}px`;
    frame.hidden = !model.info.images;
    const image = frame.firstElementChild;
    const address = model.info.images ? model.imageUrl(row, side > 130 ? 320 : 160) : "";
    if (image.getAttribute("src") !== address) {
      image.removeAttribute("src"); // else the old picture stays until the new one is loaded: a wrong image
      if (address) image.src = address;
    }
    const [predicted, truth, confidence] = caption.children;
    predicted.textContent = model.predictionOf(row);
    truth.textContent = model.data.wrong[row] ? `is ${model.truthOf(row)}` : "correct";
    confidence.textContent = score(model.confidenceOf(row));
    const words = `${predicted.textContent}, ${truth.textContent}, confidence ${confidence.textContent}, ${model.studyOf(row)}`;
    cell.setAttribute("aria-label", words);
    cell.title = words;
  }

  #key(event) {
    const { columns, line } = this.#measure();
    const screen = columns * Math.max(1, Math.floor(this.size.height / line));
    const all = this.rows.length;
    const step = {
      ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, PageUp: -screen, PageDown: screen, Home: -all, End: all,
    }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.model.stepCase(step);
  }
}

function whyEmpty(tab, { all, within, empty, noThreshold }) {
  if (!all.shown) return "nothing";
  if (empty) return "empty";
  if (noThreshold && tab === "silent") return "noThreshold";
  if (within && !within.shown) return "unselected";
  return tab === "silent" && !(within ?? all).failures ? "perfect" : tab;
}

function equal(a, b) {
  if (a.length !== b.length) return false;
  if (a.buffer === b.buffer && a.byteOffset === b.byteOffset) return true;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

export function score(value) {
  if (Number.isNaN(value)) return "no score";
  // Just below 1 the ranking shows in what is missing to it.
  if (value < 1 && value >= 0.9995) return value < 0.999995 ? value.toFixed(5) : `1−${(1 - value).toExponential(0)}`;
  const size = Math.abs(value);
  return size !== 0 && (size < 0.001 || size >= 10000) ? value.toExponential(1) : value.toFixed(size >= 10 ? 1 : 3);
}

function paragraph(text, className = "") {
  const element = document.createElement("p");
  element.textContent = text;
  element.className = className;
  return element;
}
