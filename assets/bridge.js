// Joins Dash's clientside callbacks to the browser's model. A classic script, so that the functions exist before
// Dash looks for them; the model itself is an ES module that loads beside it.
(function () {
  "use strict";
  const here = document.currentScript.src;
  const model = import(new URL("main.mjs", here).href).then((module) => module.start());
  const withModel = (use) => model.then(use);
  const nothing = () => window.dash_clientside.no_update;

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    sfv: {
      boot: () => withModel((m) => m.boot()),
      view: (...values) => withModel((m) => m.viewFromControls(...values) ?? nothing()),
      openRun: (run) => withModel((m) => m.openRun(run)).then(nothing),
      reset: (clicks) => withModel((m) => clicks && m.reset()).then(nothing),
      tab: (tab) => withModel((m) => m.setTab(tab)).then(nothing),
      concepts: (tree) => withModel((m) => m.showConcepts(tree)).then(nothing),
      case: (tree) => withModel((m) => m.showCase(tree)).then(nothing),
      problem: (problem) => withModel((m) => problem && m.showProblem(problem)).then(nothing),
    },
  });
})();
