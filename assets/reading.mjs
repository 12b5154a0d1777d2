// Which parts of a page of parts are near the screen, and which one is read: its entry in the contents is marked.
const NEAR = "300px";
const READ_FROM = 80;

/** Follows the scrolling of a page: sets `near` of each part and calls `seen(part)` when one comes near. */
export function followParts(host, parts, seen) {
  const scroller = host.querySelector(".bench-parts");
  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const part = parts.get(target.dataset.part);
      part.near = isIntersecting;
      if (isIntersecting) seen(part);
    }
  }, { root: scroller, rootMargin: NEAR });
  for (const { section } of parts.values()) watcher.observe(section);
  let waits = 0;
  scroller.addEventListener("scroll", () => {
    waits ||= requestAnimationFrame(() => {
      waits = 0;
      mark(host, scroller, parts);
    });
  }, { passive: true });
  host.addEventListener("click", (event) => {
    const entry = event.target.closest("[data-part-link]");
    if (entry) document.getElementById(entry.dataset.partLink).closest("section").scrollIntoView({ block: "start" });
  });
  mark(host, scroller, parts);
}

/** Marks the entry of the part that is read: the last one that begins above this line. */
function mark(host, scroller, parts) {
  const edge = scroller.getBoundingClientRect().top + READ_FROM;
  const begun = [...parts.values()].filter(({ section }) => section.getBoundingClientRect().top < edge);
  const { section } = begun.at(-1) ?? [...parts.values()][0];
  const id = section.querySelector(".bench-body").id;
  for (const entry of host.querySelectorAll("[data-part-link]")) {
    if (entry.dataset.partLink === id) entry.setAttribute("aria-current", "true");
    else entry.removeAttribute("aria-current");
  }
}
