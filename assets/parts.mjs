// A page made of parts: each is asked for when it is scrolled to and whenever what it depends on changes; the server
// computes and renders it, and plain.mjs puts it onto the page.
import { queryOf, ServerError } from "./columns.mjs";
import { waiting } from "./benchmark-waiting.mjs";
import { show } from "./plain.mjs";
import { followParts } from "./reading.mjs";

const node = (type, className, ...children) => ({ type, props: { className, children } });

export class Parts {
  /** `folder` is where the server keeps the parts; `filled(part)` is told when one stands. */
  constructor(host, folder, filled) {
    this.host = host;
    this.folder = folder;
    this.filled = filled;
    this.parts = new Map();
    this.query = null;
    for (const section of host.querySelectorAll("[data-part]")) {
      const name = section.dataset.part;
      this.parts.set(name, { name, section, body: section.querySelector(".bench-body"), near: false, asked: null, waits: 0, facts: {} });
    }
    this.goal = null;
    followParts(host, this.parts, (part) => this.#refresh(part));
    for (const gesture of ["wheel", "touchmove", "keydown", "pointerdown"]) host.addEventListener(gesture, () => { this.goal = null; }, { passive: true, capture: true });
  }

  /** What the parts depend on now: `queries` gives each part's query, or null where it shows nothing. */
  depend(columns, about, queries) {
    this.columns = columns;
    this.about = about;
    this.queries = queries;
    for (const part of this.parts.values()) this.#refresh(part);
  }

  clear() {
    this.queries = null;
    for (const part of this.parts.values()) {
      part.asked = null;
      part.body.replaceChildren();
    }
  }

  body(name) {
    return this.parts.get(name).body;
  }

  /** Leads to a part, and stays with it while the parts above it fill, until the person scrolls. */
  scrollTo(name) {
    const part = this.parts.get(name);
    this.goal = part;
    part.near = true;
    part.section.scrollIntoView({ block: "start" });
    this.#refresh(part);
  }

  #stay() {
    this.goal?.section.scrollIntoView({ block: "start", behavior: "instant" });
  }

  /** Words in place of every part. */
  say(problem) {
    this.clear();
    for (const part of this.parts.values()) this.#say(part, problem);
  }

  /** Asks for a part anew although nothing that it depends on has changed. */
  again(...names) {
    for (const name of names) {
      const part = this.parts.get(name);
      part.asked = null;
      if (this.queries) this.#refresh(part);
    }
  }

  /** The address of a part's question. */
  #path(name, query) {
    return `${this.folder}/${name}?${queryOf(query)}`;
  }

  async #refresh(part) {
    if (!part.near || !this.queries?.[part.name]) return;
    const query = this.queries[part.name]();
    const text = JSON.stringify([this.about, query]);
    if (text === part.asked) return;
    part.asked = text;
    const path = this.#path(part.name, query), { columns } = this;
    const over = waiting(part, () => columns.part(`${path}&progress=1`));
    try {
      const { tree, facts } = await columns.part(path);
      if (part.asked !== text) return;
      show(part.body, tree);
      part.facts = facts;
      this.filled(part);
      this.#stay();
      part.body.dataset.ready = String(1 + Number(part.body.dataset.ready ?? 0));
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      if (part.asked !== text) return;
      part.asked = null;
      this.#say(part, error.problem);
    } finally {
      over();
    }
  }

  #say(part, { title, detail, hint }) {
    const lines = [detail, hint].filter(Boolean).map((text) => node("P", "quiet-text", text));
    show(part.body, node("Div", "empty-inline", node("P", "", title), ...lines));
  }
}
