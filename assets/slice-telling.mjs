// What tells a slice from correct samples of its class, on its card: compared one after the other as the cards come into
// view, so that the list of slices waits for none of it.
import { ServerError } from "./columns.mjs";
import { show } from "./plain.mjs";

const NEAR = "400px";
const line = (text) => ({ type: "P", props: { className: "quiet-text", children: text } });

export class SliceTelling {
  /** `asked(recipe)` fetches the tree for a slice's recipe (a JSON text). */
  constructor(scroller, asked) {
    this.asked = asked;
    this.trees = new Map();
    this.waiting = new Set();
    this.watcher = new IntersectionObserver((entries) => this.#seen(entries), { root: scroller, rootMargin: NEAR });
  }

  /** Other cards stand on the page. What was told under the same `about` (run, attributes) is there at once. */
  watch(root, about) {
    if (about !== this.about) this.trees.clear();
    this.about = about;
    this.watcher.disconnect();
    this.waiting.clear();
    for (const place of root.querySelectorAll("[data-telling]")) {
      const tree = this.trees.get(place.dataset.telling);
      if (tree) tell(place, tree);
      else this.watcher.observe(place);
    }
  }

  #seen(entries) {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.waiting.add(target);
      else this.waiting.delete(target); // scrolled past before its turn
    }
    this.#next();
  }

  async #next() {
    if (this.busy) return;
    this.busy = true;
    try {
      for (let place = this.#first(); place; place = this.#first()) await this.#fill(place);
    } finally {
      this.busy = false; // an unforeseen error goes on to the page; the next card is still told
    }
  }

  #first() {
    const [place] = this.waiting;
    this.waiting.delete(place);
    return place;
  }

  async #fill(place) {
    const { about } = this, recipe = place.dataset.telling;
    this.watcher.unobserve(place);
    const tree = await this.#treeOf(recipe);
    if (about !== this.about || recipe !== place.dataset.telling) return;
    if (tree.kept) this.trees.set(recipe, tree.shown);
    tell(place, tree.shown);
  }

  async #treeOf(recipe) {
    try {
      return { shown: (await this.asked(recipe)).tree, kept: true };
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      return { shown: line(error.problem.title), kept: false };
    }
  }
}

function tell(place, tree) {
  show(place, tree);
  place.setAttribute("aria-busy", "false");
}
