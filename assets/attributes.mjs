// The attributes of a run's images: measured once in the background; its progress stands on the page that needs them.
import { ServerError } from "./columns.mjs";

const POLL = 700;
const UNASKED = 50_000;

export class AttributesWatch {
  /** `changed()` is told when the attributes are ready. */
  constructor(model, host, changed) {
    this.model = model;
    this.host = host;
    this.changed = changed;
    this.ready = false;
    this.ticket = 0;
    host.addEventListener("click", (event) => {
      const verb = event.target.closest("[data-attributes]")?.dataset.attributes;
      if (verb) this.#do(verb);
    });
  }

  /** Follows the attributes of another run; they are measured unasked where that takes a few minutes at most. */
  async open(columns) {
    this.columns = columns;
    this.ready = false;
    const ticket = (this.ticket += 1);
    const status = await this.#ask(() => columns.attributesStatus());
    if (ticket !== this.ticket || !status) return;
    if (status.state === "absent" && this.model.info.n <= UNASKED) await this.#do("start");
    else this.#show(status, ticket);
  }

  async #do(verb) {
    const ticket = (this.ticket += 1);
    const status = await this.#ask(() => this.columns.attributesDo(verb));
    if (ticket === this.ticket && status) this.#show(status, ticket);
  }

  #show(status, ticket) {
    const was = this.ready;
    this.ready = status.state === "ready";
    this.host.dataset.state = status.state;
    this.host.querySelector("[data-says]").textContent = words(status);
    const bar = this.host.querySelector("progress");
    bar.hidden = status.state !== "running";
    bar.value = status.progress;
    this.host.querySelector("[data-attributes=start]").hidden = !["absent", "failed", "cancelled"].includes(status.state);
    this.host.querySelector("[data-attributes=cancel]").hidden = status.state !== "running";
    if (this.ready !== was) this.changed();
    if (status.state === "running") setTimeout(() => this.#look(ticket), POLL);
  }

  async #look(ticket) {
    if (ticket !== this.ticket) return;
    const status = await this.#ask(() => this.columns.attributesStatus());
    if (ticket === this.ticket && status) this.#show(status, ticket);
  }

  async #ask(request) {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.host.querySelector("[data-says]").textContent = error.problem.title;
      return null;
    }
  }
}

function words({ state, progress, message }) {
  const said = {
    absent: "Not measured yet.",
    running: `Measuring, ${Math.floor(100 * progress)} %`,
    ready: "Measured.",
    cancelled: "Cancelled.",
    failed: "Failed.",
    unavailable: "None.",
  }[state] ?? state;
  return message && state !== "running" ? `${said} ${message}` : said;
}
