// The URL is the view and the selection: one JSON object behind `?s=`. The only file that knows the address bar.

export function readState(search) {
  const raw = new URLSearchParams(search).get("s");
  if (!raw) return {};
  try {
    const state = JSON.parse(raw);
    return state && typeof state === "object" && !Array.isArray(state) ? state : {};
  } catch {
    return {};
  }
}

export function searchOf(state) {
  const kept = Object.fromEntries(Object.entries(state).filter(([, value]) => value !== null && value !== undefined));
  const text = encodeURIComponent(JSON.stringify(kept)).replace(/%3A/g, ":").replace(/%2C/g, ",");
  return `?s=${text}`;
}

/** Writes the address bar; a `step` (run, score, selection) can be gone back to, other changes replace. */
export function writeState(state, { step }) {
  const search = searchOf(state);
  if (search === window.location.search) return;
  const address = window.location.pathname + search;
  if (step) window.history.pushState(null, "", address);
  else window.history.replaceState(null, "", address);
}
