// Starts the browser's model once the page stands.
import { Model } from "./model.mjs";
import { bindKeys } from "./keys.mjs";

const appeared = (id) =>
  new Promise((resolve) => {
    const look = () => {
      const element = document.getElementById(id);
      if (element) resolve(element);
      else requestAnimationFrame(look);
    };
    look();
  });

export async function start() {
  await Promise.all(["map-host", "pages", "benchmark", "causes", "case-grid", "stats", "concepts", "case", "toast", "threshold", "point-size", "point-opacity"].map(appeared));
  const model = new Model();
  bindKeys(model);
  return model;
}
