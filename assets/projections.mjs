// Watches the projection that the view asks for: shows PCA at once, starts or joins the background job for UMAP,
// says how far it is, and puts it on the map when it is done.

import { guarded } from "./columns.mjs";

const PAUSE = 700;
const NAMES = { pca: "PCA", umap: "UMAP", umap3: "UMAP 3-D" };

export class ProjectionWatch {
  constructor(model) {
    this.model = model;
    this.host = document.getElementById("projection-status");
    this.cancelled = new Set();
    this.asked = null;
    this.turn = 0;
  }

  /** Asks for a map before the columns are there: once the cases are listed, their images would go first. */
  ahead(kind) {
    const { columns, info } = this.model;
    if (!info.latents) return;
    const status = kind === "pca" ? Promise.resolve({ state: "ready" }) : columns.projectionStatus(kind);
    this.asked = { columns, kind, status };
    const fetched = status.then(({ state }) => (state === "ready" && kind !== "umap3" ? columns.coordinates(kind) : null));
    fetched.catch(() => null); // `want` meets the same failure and tells of it
  }

  async want(kind) {
    const { model } = this;
    const key = `${model.info.run}|${model.info.version}|${kind}`;
    if (this.key === key && (this.busy || model.map.shown === kind)) return;
    this.key = key;
    const turn = (this.turn += 1);
    this.busy = true;
    try {
      await this.#bring(kind, turn, key);
    } catch (error) {
      if (!error.problem) throw error;
      if (turn !== this.turn) return;
      this.key = null;
      this.#say(error.problem.title, error.problem.detail);
      this.host.append(this.#button("Try again", () => this.want(kind)));
      if (!model.map.hasGeometryOf(model.info)) model.map.failed(error.problem);
    } finally {
      if (turn === this.turn) this.busy = false;
    }
  }

  async #bring(kind, turn, key) {
    const { model } = this;
    const { columns } = model;
    if (!model.info.latents) {
      model.map.noLatents(model.info.whyNoLatents);
      return;
    }
    const current = () => turn === this.turn && columns === model.columns;
    let status = await this.#firstStatus(kind, columns);
    if (status.state !== "ready" && current() && !model.map.hasGeometryOf(model.info)) await this.#show("pca", current);
    if (["absent", "cancelled", "failed"].includes(status.state) && !this.cancelled.has(key) && current()) {
      if (status.state === "failed") return this.#offer(kind, `${NAMES[kind]} failed: ${status.message}`, key);
      status = await columns.projectionDo(kind, "start");
    }
    if (status.state !== "ready" && this.cancelled.has(key)) return this.#offer(kind, `${NAMES[kind]} was cancelled; PCA is shown.`, key);
    while (current() && status.state === "running") {
      this.#progress(kind, status, key);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      if (current()) status = await columns.projectionStatus(kind);
    }
    if (!current()) return undefined;
    if (status.state === "ready") return this.#show(kind, current);
    return this.#offer(kind, status.state === "failed" ? `${NAMES[kind]} failed: ${status.message}` : `${NAMES[kind]} was cancelled; PCA is shown.`, key);
  }

  #firstStatus(kind, columns) {
    const { asked } = this;
    this.asked = null;
    if (asked?.columns === columns && asked.kind === kind) return asked.status;
    return kind === "pca" ? { state: "ready" } : columns.projectionStatus(kind);
  }

  /** The trust of the projection on the map; for PCA it is measured in the background when it is first asked for. */
  async trustOf(kind) {
    const { columns, info } = this.model;
    const status = await columns.projectionStatus(kind);
    if (!status.trust) {
      if (kind === "pca") this.#measure(columns);
      const why = kind === "pca" ? "trust in this map is being measured …" : "trust was not measured";
      return { meta: { why }, codes: new Uint8Array(info.n).fill(255) };
    }
    const among = status.trust.includes("landmarks") ? ", among landmarks" : "";
    const label = `trust: share of nearest latent neighbours kept${among}`;
    return { meta: { label, title: status.trust }, codes: await columns.array(`columns/trust?projection=${kind}`) };
  }

  async #measure(columns) {
    if (this.measuring === columns) return;
    this.measuring = columns;
    try {
      await columns.projectionDo("pca", "start");
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
        if (columns !== this.model.columns) return;
        if ((await columns.projectionStatus("pca")).trust) break;
      }
      if (this.model.view.colour === "trust") this.model.refresh();
    } catch (error) {
      if (!error.problem) throw error;
      this.model.showProblem(error.problem);
    } finally {
      this.measuring = null;
    }
  }

  async #show(kind, current) {
    const { model } = this;
    this.#say("");
    if (kind === "umap3") {
      model.map.showSpace();
      return;
    }
    const coordinates = await model.columns.coordinates(kind);
    if (!current()) return;
    const n = model.info.n;
    model.map.setGeometry(kind, coordinates.subarray(0, n), coordinates.subarray(n, 2 * n));
    if (model.view.colour === "trust") model.refresh();
  }

  /** Only what changed is written: the button stays under the pointer and keeps the keyboard's focus. */
  #progress(kind, status, key) {
    if (this.bar?.key !== key || !this.bar.share.isConnected) this.bar = this.#newBar(kind, key);
    const { text, share } = this.bar;
    share.value = status.progress;
    text.textContent = `PCA shown · ${NAMES[kind]} ${Math.round(100 * status.progress)} %`;
    text.title = status.message ?? "";
  }

  #newBar(kind, key) {
    const text = document.createElement("span");
    const share = document.createElement("progress");
    share.max = 1;
    share.setAttribute("aria-label", `${NAMES[kind]} progress`);
    const cancel = this.#button("Cancel", () => {
      this.cancelled.add(key);
      this.#ask(kind, key, "cancel");
    });
    this.host.replaceChildren(text, share, cancel);
    return { key, text, share };
  }

  #offer(kind, words, key) {
    const again = this.#button("Start", () => {
      this.cancelled.delete(key);
      this.key = null;
      this.#ask(kind, key, "start", () => this.want(kind));
    });
    const text = document.createElement("span");
    text.textContent = words;
    this.host.replaceChildren(text, again);
  }

  /** Starts or cancels a projection; where the server refuses, or is gone, that is said and Start offered. */
  #ask(kind, key, verb, then = () => undefined) {
    const asked = async () => {
      await this.model.columns.projectionDo(kind, verb);
      then();
    };
    return guarded(asked, (problem) => this.#offer(kind, problem.title, key));
  }

  #button(label, act) {
    const made = document.createElement("button");
    made.className = "link";
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  }

  #say(words, detail = "") {
    this.host.textContent = words;
    this.host.title = detail;
  }
}
