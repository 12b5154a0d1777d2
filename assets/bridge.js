// Joins Dash's clientside callbacks to the browser's model. A classic script, so that the functions exist before
// Dash looks for them; the model itself is an ES module that loads beside it.
(function () {
  "use strict";
  const here = document.currentScript.src;
  const model = import(new URL("main.mjs", here).href).then((module) => module.start());
  const withModel = (use) => model.then(use);
  const nothing = () => window.dash_clientside.no_update;

  // Dash says nothing when a callback's request fails: the page would stay as it was and look right.
  const asked = window.fetch;
  window.fetch = async (...request) => {
    const address = String(request[0]?.url ?? request[0]);
    if (!address.includes("_dash-update-component")) return asked(...request);
    const failed = (detail) => withModel((m) => m.showProblem({
      title: "The server does not answer", detail, hint: "Is sfvisuals still running? Reload the page to try again: its address keeps your view and selection.",
    }));
    try {
      const answer = await asked(...request);
      if (!answer.ok) failed(`It answered ${answer.status}.`);
      return answer;
    } catch (error) {
      failed("");
      throw error;
    }
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    sfv: {
      boot: () => withModel((m) => m.boot()),
      view: (...values) => withModel((m) => m.viewFromControls(...values) ?? nothing()),
      openRun: (run) => withModel((m) => m.openRun(run)).then(nothing),
      reset: (clicks) => withModel((m) => clicks && m.reset()).then(nothing),
      tab: (tab) => withModel((m) => m.setTab(tab)).then(nothing),
      concepts: (tree) => withModel((m) => m.rendered.showConcepts(tree)).then(nothing),
      case: (tree) => withModel((m) => m.rendered.showCase(tree)).then(nothing),
      spaceClick: (click) => withModel((m) => m.spaceClicked(click)).then(nothing),
      problem: (problem) => withModel((m) => problem && m.showProblem(problem)).then(nothing),
    },
  });
})();
