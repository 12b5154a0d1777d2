// Gestures on the latent map: mouse, touch, pen and keyboard become calls of `act`. Coordinates are CSS pixels from the
// canvas's corner. `act` has mode(), setMode(mode), pan(dx, dy, byKeys), zoom(x, y, factor, byKeys), fit(), hover(x, y,
// pageX, pageY) or hover(null), click(x, y), lassoStart(mode, x, y), lassoTo(x, y), lassoEnd(), lassoCancel() -> bool,
// pick(), selectView(mode).

const SLOP = 4;
const PAN_STEP = 60;
const KEY_ZOOM = 1.35;

const lassoMode = (event) => (event.altKey ? "subtract" : event.shiftKey ? "add" : "replace");

export function bindGestures(canvas, act) {
  bindPointers(canvas, act);
  bindWheel(canvas, act);
  bindKeys(canvas, act);
}

function placeOf(canvas, event) {
  const box = canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/** Every place the pointer went through: while the page is busy a browser tells of a whole circle in one event. */
function stepsOf(event) {
  const steps = event.getCoalescedEvents?.() ?? [];
  return steps.length ? steps : [event];
}

function bindPointers(canvas, act) {
  const down = new Map();
  let gesture = null;
  let pinch = null;

  const spread = () => {
    const [[ax, ay], [bx, by]] = down.values();
    return { x: (ax + bx) / 2, y: (ay + by) / 2, far: Math.max(1, Math.hypot(ax - bx, ay - by)) };
  };
  const drop = () => {
    if (gesture?.lasso) act.lassoCancel();
    gesture = null;
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    const [x, y] = placeOf(canvas, event);
    down.set(event.pointerId, [x, y]);
    act.hover(null);
    if (down.size === 2) {
      drop();
      pinch = spread();
    } else if (down.size === 1) {
      const lasso = act.mode() === "lasso" || event.shiftKey || event.altKey;
      gesture = { id: event.pointerId, x, y, lastX: x, lastY: y, moved: false, lasso, as: lassoMode(event) };
    }
  });

  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = placeOf(canvas, event);
    if (!down.has(event.pointerId)) {
      if (down.size === 0) act.hover(x, y, event.clientX, event.clientY);
      return;
    }
    down.set(event.pointerId, [x, y]);
    if (pinch && down.size === 2) {
      const now = spread();
      act.pan(now.x - pinch.x, now.y - pinch.y);
      act.zoom(now.x, now.y, now.far / pinch.far);
      pinch = now;
      return;
    }
    if (gesture?.id === event.pointerId) for (const step of stepsOf(event)) follow(...placeOf(canvas, step));
  });

  const follow = (x, y) => {
    if (!gesture.moved && Math.hypot(x - gesture.x, y - gesture.y) < SLOP) return;
    if (!gesture.moved && gesture.lasso) act.lassoStart(gesture.as, gesture.x, gesture.y);
    gesture.moved = true;
    if (gesture.lasso) act.lassoTo(x, y);
    else act.pan(x - gesture.lastX, y - gesture.lastY);
    gesture.lastX = x;
    gesture.lastY = y;
  };

  const up = (event) => {
    if (!down.delete(event.pointerId)) return;
    if (down.size < 2) pinch = null;
    if (gesture?.id !== event.pointerId) return;
    const { moved, lasso, x, y } = gesture;
    gesture = null;
    if (event.type === "pointercancel") {
      act.lassoCancel();
    } else if (moved && lasso) act.lassoEnd();
    else if (!moved) act.click(x, y);
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", () => down.size === 0 && act.hover(null));
  canvas.addEventListener("dblclick", (event) => {
    if (act.mode() === "lasso" || event.shiftKey) return;
    act.zoom(...placeOf(canvas, event), event.altKey ? 1 / 2 : 2);
  });
}

function bindWheel(canvas, act) {
  const unit = { 0: 1, 1: 16, 2: 240 };
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const turned = event.deltaY * unit[event.deltaMode] * (event.ctrlKey ? 6 : 1);
    act.zoom(...placeOf(canvas, event), Math.exp(-Math.min(Math.max(turned, -480), 480) * 0.0016));
  }, { passive: false });
}

function bindKeys(canvas, act) {
  const middle = () => [canvas.clientWidth / 2, canvas.clientHeight / 2];
  const move = (dx, dy) => (event) => act.pan(dx * (event.shiftKey ? 4 : 1), dy * (event.shiftKey ? 4 : 1), true);
  const zoom = (factor) => () => act.zoom(...middle(), factor, true);
  const keys = {
    ArrowLeft: move(PAN_STEP, 0), ArrowRight: move(-PAN_STEP, 0), ArrowUp: move(0, PAN_STEP), ArrowDown: move(0, -PAN_STEP),
    "+": zoom(KEY_ZOOM), "=": zoom(KEY_ZOOM), "-": zoom(1 / KEY_ZOOM), _: zoom(1 / KEY_ZOOM),
    0: () => act.fit(), Home: () => act.fit(),
    l: () => act.setMode(act.mode() === "lasso" ? "pan" : "lasso"), p: () => act.setMode("pan"),
    s: (event) => act.selectView(event.shiftKey ? "add" : "replace"),
    Enter: () => act.pick(),
    // Where there is nothing to cancel here, Escape is left to the page.
    Escape: () => act.lassoCancel(),
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const run = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (run && run(event) !== false) event.preventDefault();
  });
}
