// Put into every page that is measured. Real mouse and key events come from outside; here is only a clock.
window.measuring = {
  /** True once that projection stands in full quality and the header counts it. */
  drawn(kind) {
    const map = document.querySelector("#latent-map")?.pointmap;
    if (!map?.count || document.querySelector("#map-host").dataset.projection !== kind) return false;
    if (this.waited !== map.ready) {
      // Not awaited: whoever polls would take the promise itself for a yes.
      this.waited = map.ready;
      this.full = false;
      map.ready.then(() => { this.full = true; });
    }
    return this.full && document.querySelector("#stats").childElementCount > 0;
  },

  /** Watch the next release of the mouse: ms until the selection's cases are drawn, and until their images are. */
  release() {
    const says = document.querySelector("#selection-says");
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const painted = () => new Promise((done) => setTimeout(done, 0));
    const pictures = () => [...document.querySelectorAll("#case-grid .case-cell:not([hidden]) img[src]")];
    says.replaceChildren();
    this.released = new Promise((done, failed) => {
      setTimeout(() => failed(new Error("the lasso gave no selection within a minute")), 60000);
      const began = (event) => {
        const start = event.timeStamp;
        const watcher = new MutationObserver(async () => {
          if (!says.querySelector(".selection-counts")) return;
          watcher.disconnect();
          await frame(); // the grid draws itself in this frame
          await painted();
          const grid = performance.now() - start;
          await Promise.all(pictures().map((image) => image.decode().catch(() => null)));
          done({ grid, images: performance.now() - start });
        });
        watcher.observe(says, { childList: true, subtree: true });
      };
      addEventListener("pointerup", began, { capture: true, once: true });
    });
  },

  /** Begin to count frames of the browser, pictures of the map and changes of the threshold's words. */
  count() {
    const counter = { from: performance.now(), frames: 0, says: 0, on: true };
    const tick = () => {
      counter.frames += 1;
      if (counter.on) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    counter.watcher = new MutationObserver(() => { counter.says += 1; });
    counter.watcher.observe(document.querySelector("#threshold-says"), { childList: true });
    this.counter = counter;
  },

  /** Stop, and say what was counted; a picture in slices stands for rest, not for motion. */
  counted() {
    const { counter } = this;
    counter.on = false;
    counter.watcher.disconnect();
    const seconds = (performance.now() - counter.from) / 1000;
    const { pointmap } = document.querySelector("#latent-map");
    const drawn = pointmap.frames().filter((f) => f.at >= counter.from && f.kind !== "sliced");
    return { seconds, frames: counter.frames, says: counter.says, pictures: drawn.length, ms: drawn.map((f) => f.ms) };
  },
};
