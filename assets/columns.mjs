// Fetches a run's columns as typed arrays; each address is fetched once while its run is open.
const TYPES = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, i2: Int16Array, i4: Int32Array, f4: Float32Array };

export class ServerError extends Error {
  constructor(problem) {
    super(problem.title);
    this.problem = problem;
  }
}

async function answerOf(address, options) {
  let answer;
  try {
    answer = await fetch(address, options);
  } catch {
    throw new ServerError({
      title: "The server does not answer",
      detail: "",
      hint: "Is sfvisuals still running? Nothing you selected is lost.",
    });
  }
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({ title: `The server answered ${answer.status}`, detail: "", hint: "" }));
  throw new ServerError(problem);
}

/** Does what asks the server; `failed` is told the problem where the server refuses. */
export async function guarded(work, failed) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    failed(error.problem);
  }
}

/** The query of a part's address: lists and recipes as JSON, since a name may hold any character. */
export function queryOf(asked) {
  const wanted = Object.entries(asked).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return String(new URLSearchParams(wanted.map(([key, value]) => [key, typeof value === "object" ? JSON.stringify(value) : String(value)])));
}

export class Columns {
  #kept = new Map();

  constructor(run, version) {
    this.base = `runs/${run.split("/").map(encodeURIComponent).join("/")}`;
    this.version = version.slice(0, 12);
  }

  #once(key, load) {
    if (!this.#kept.has(key)) {
      const value = load();
      value.catch(() => this.#kept.delete(key));
      this.#kept.set(key, value);
    }
    return this.#kept.get(key);
  }

  #address(path) {
    return `${this.base}/${path}${path.includes("?") ? "&" : "?"}v=${this.version}`;
  }

  array(path) {
    return this.#once(path, async () => {
      const answer = await answerOf(this.#address(path));
      const Type = TYPES[answer.headers.get("X-Dtype")] ?? Uint8Array;
      return new Type(await answer.arrayBuffer());
    });
  }

  json(path) {
    return this.#once(path, async () => (await answerOf(this.#address(path))).json());
  }

  /** A part of a page that the server renders: not kept, since other runs may be in it. */
  async part(path) {
    return (await answerOf(this.#address(path))).json();
  }

  async score(name) {
    const asked = `score=${encodeURIComponent(name)}`;
    const [meta, codes, levels] = await Promise.all([
      this.json(`scores?${asked}`), this.array(`scores/codes?${asked}`), this.array(`scores/levels?${asked}`),
    ]);
    return { meta, codes, levels };
  }

  async mask(recipe, n) {
    const packed = await this.array(`mask?recipe=${encodeURIComponent(JSON.stringify(recipe))}`);
    const mask = new Uint8Array(n);
    for (let i = 0; i < n; i += 1) mask[i] = (packed[i >> 3] >> (i & 7)) & 1;
    return mask;
  }

  async coordinates(kind) {
    return this.array(`projections/${kind}/coordinates`);
  }

  async colour(column) {
    const name = encodeURIComponent(column);
    const [meta, codes] = await Promise.all([this.json(`colours?column=${name}`), this.array(`colours.bin?column=${name}`)]);
    return { meta, codes };
  }

  async projectionStatus(kind) {
    return (await answerOf(`${this.base}/projections/${kind}`)).json();
  }

  async projectionDo(kind, verb) {
    const options = { method: "POST", headers: { "X-Sfvisuals": "1" } };
    return (await answerOf(`${this.base}/projections/${kind}/${verb}`, options)).json();
  }

  async attributesStatus() {
    return (await answerOf(`${this.base}/attributes`)).json();
  }

  async attributesDo(verb) {
    const options = { method: "POST", headers: { "X-Sfvisuals": "1" } };
    return (await answerOf(`${this.base}/attributes/${verb}`, options)).json();
  }

  imageUrl(row, size) {
    return `${this.base}/images/${row}?${size ? `size=${size}&` : ""}placeholder=1&v=${this.version}`;
  }
}
