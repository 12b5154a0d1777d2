// The regions that the server renders, concepts and the focused case: put onto the page, marked, and said to be waiting.
import { caseDraft } from "./draft.mjs";
import { show } from "./plain.mjs";
import { sameRecipe } from "./selecting.mjs";

export class Rendered {
  constructor(model) {
    this.model = model;
    this.concepts = document.getElementById("concepts");
    this.case = document.getElementById("case");
  }

  busy(id, on) {
    this[id].setAttribute("aria-busy", String(on));
  }

  get waitsForCase() {
    return this.case.getAttribute("aria-busy") === "true";
  }

  showConcepts(tree) {
    show(this.concepts, tree);
    this.busy("concepts", false);
    this.markSelected();
    this.markFocus();
    this.named();
  }

  /** Other cards, or other names of their concepts: on the cards and on the map. */
  named() {
    this.model.pages.names.show(this.concepts);
    this.model.map.labels.refresh();
  }

  /** An answer about a case that is no longer in focus is dropped. */
  showCase(answer) {
    if (!answer || answer.row !== this.model.focusRow) return;
    show(this.case, answer.tree);
    this.busy("case", false);
  }

  /** What the browser knows of a case, at once: the old case must not stand beside another one's ring. */
  draftCase(row) {
    this.busy("case", row !== null);
    if (row !== null) show(this.case, caseDraft(this.model, row));
  }

  /** The server did not answer: nothing is waited for any more. */
  failed() {
    for (const id of ["concepts", "case"]) this.busy(id, false);
    this.case.querySelector(".pending")?.replaceChildren("Scores and neighbours could not be read.");
  }

  /** Marks the card whose concept is selected. */
  markSelected() {
    const { recipe } = this.model;
    for (const card of this.concepts.querySelectorAll("[data-concept]")) {
      const own = recipe !== null && sameRecipe(JSON.parse(card.dataset.concept), recipe);
      card.setAttribute("aria-pressed", own ? "true" : "false");
    }
    this.model.map.refreshImages();
  }

  /** Marks the images of the case in focus. */
  markFocus() {
    for (const thumb of this.concepts.querySelectorAll("[data-row]")) {
      if (Number(thumb.dataset.row) === this.model.focusRow) thumb.setAttribute("aria-current", "true");
      else thumb.removeAttribute("aria-current");
    }
  }
}
