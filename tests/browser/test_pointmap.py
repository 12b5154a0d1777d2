"""The latent map alone, in a real Chromium: real mouse, touch and keys, no Dash."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from dashboard import eventually

pytestmark = pytest.mark.browser

WIDTH, HEIGHT = 800, 600
# Four rows at the corners of a square and one in its middle; then one without coordinates.
SQUARE = "[[0, 0], [10, 0], [10, 10], [0, 10], [5, 5], [NaN, 1]]"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>map</title>
<link rel="icon" href="data:,">
<style>body { margin: 0 } #host { position: absolute; left: 30px; top: 20px; right: 0; bottom: 0 }</style>
<div id="host"></div>
<script type="module">
import { createPointMap } from "/pointmap.mjs";
window.events = [];
const note = (name) => (...values) => window.events.push([name, ...values]);
window.map = createPointMap(document.getElementById("host"), {
  onLasso: note("lasso"), onHover: note("hover"), onClick: note("click"), onView: note("view"),
  onMode: note("mode"),
});
window.el = document.getElementById("latent-map");
window.show = async (points, style = {}) => {
  map.setGeometry(Float32Array.from(points, (p) => p[0]), Float32Array.from(points, (p) => p[1]));
  map.setStyle(style);
  await el.pointmap.ready;
};
window.cloud = (n) => {
  const x = new Float32Array(n), y = new Float32Array(n), layer = new Uint8Array(n);
  let state = 1;
  const next = () => (state = (state * 16807) % 2147483647) / 2147483647;
  for (let i = 0; i < n; i += 1) {
    const far = Math.sqrt(-2 * Math.log(next() + 1e-9)), angle = 6.2832 * next();
    x[i] = far * Math.cos(angle) + (i % 3) * 6;
    y[i] = far * Math.sin(angle);
    layer[i] = i % 20 === 0 ? 3 : 0;
  }
  return { x, y, layer };
};
window.colourAt = (x, y) => {
  const box = el.getBoundingClientRect();
  return [...el.getContext("2d").getImageData(x - box.left, y - box.top, 1, 1).data];
};
window.started = true;
</script>
"""


class _Assets(SimpleHTTPRequestHandler):
    """The modules of assets/ and the page above."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript"}  # noqa: RUF012

    def do_GET(self) -> None:
        if self.path != "/":
            super().do_GET()
            return
        body = PAGE.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address(repository: Path) -> Iterator[str]:
    """The page's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Assets, directory=str(repository / "assets")))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


OpenMap = Callable[..., Page]


@pytest.fixture
def open_map(open_page: Callable[..., Page], address: str) -> OpenMap:
    """`open_map(points, style="{}", **context options)` shows these points and waits until they stand."""

    def opened(points: str = SQUARE, style: str = "{}", **options: Any) -> Page:
        page = open_page(width=WIDTH, height=HEIGHT, **options)
        page.goto(address)
        page.wait_for_function("window.started")
        page.evaluate(f"show({points}, {style})")
        return page

    return opened


def screen_of(page: Page, row: int) -> tuple[float, float]:
    """Where a row lies, in the coordinates of the mouse."""
    spot = page.evaluate("row => el.pointmap.screenOf(row)", row)
    return spot["x"], spot["y"]


def events(page: Page, name: str) -> list[Any]:
    """What one callback was given, in order, after the next frame."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found: list[Any] = page.evaluate(
        "name => events.filter((e) => e[0] === name).map((e) => e.slice(1))", name
    )
    return found


def settle(page: Page) -> None:
    """Wait for the next full picture."""
    page.evaluate("el.pointmap.settled()")


def drag(page: Page, path: list[tuple[float, float]]) -> None:
    """Press at the first place, move through the others, release at the last."""
    page.mouse.move(*path[0])
    page.mouse.down()
    for place in path[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()


def around(spot: tuple[float, float], far: float = 25) -> list[tuple[float, float]]:
    """A square path around a place on the screen."""
    x, y = spot
    return [
        (x - far, y - far),
        (x + far, y - far),
        (x + far, y + far),
        (x - far, y + far),
        (x - far, y - far + 3),
    ]


def test_points_lie_at_equal_scale_on_both_axes_with_y_upwards(open_map: OpenMap) -> None:
    page = open_map()
    (ax, ay), (bx, by), (dx, dy) = screen_of(page, 0), screen_of(page, 1), screen_of(page, 3)
    assert (by, dx) == (pytest.approx(ay), pytest.approx(ax))
    assert bx - ax == pytest.approx(ay - dy)
    assert ax < bx
    assert dy < ay
    assert page.evaluate("[el.pointmap.count, el.pointmap.drawnCount()]") == [6, 5]
    assert page.evaluate("el.pointmap.screenOf(5)") is None


def test_the_map_fills_its_host_and_draws_where_it_says(open_map: OpenMap) -> None:
    style = "{palette: ['#ff0000'], colour: new Uint8Array(6), opacity: 1, size: 9}"
    page = open_map(style=style)
    assert page.evaluate("(([x, y]) => colourAt(x, y))", screen_of(page, 4)) == [255, 0, 0, 255]
    box = page.evaluate("el.getBoundingClientRect().toJSON()")
    assert (box["left"], box["top"], box["width"], box["height"]) == (30, 20, WIDTH - 30, HEIGHT - 20)


def test_a_click_gives_the_row_under_the_mouse_and_minus_one_elsewhere(open_map: OpenMap) -> None:
    page = open_map()
    for row in range(5):
        page.mouse.click(*screen_of(page, row))
    x, y = screen_of(page, 4)
    page.mouse.click(x + 60, y + 10)
    assert events(page, "click") == [[0], [1], [2], [3], [4], [-1]]


def test_hovering_tells_the_row_and_leaving_it_tells_once(open_map: OpenMap) -> None:
    page = open_map()
    x, y = screen_of(page, 2)
    page.mouse.move(x, y)
    assert events(page, "hover")[-1] == [2, pytest.approx(x, abs=1), pytest.approx(y, abs=1)]
    for step in range(4):
        page.mouse.move(x - 60 - step * 9, y + 60)
        events(page, "hover")
    assert [e[0] for e in events(page, "hover")] == [2, -1]


def test_dragging_moves_every_point_with_the_mouse(open_map: OpenMap) -> None:
    page = open_map()
    x, y = screen_of(page, 4)
    drag(page, [(200, 300), (260, 270)])
    assert screen_of(page, 4) == (pytest.approx(x + 60), pytest.approx(y - 30))
    assert events(page, "click") == []
    assert len(events(page, "view")) >= 1


def test_the_wheel_zooms_around_the_cursor(open_map: OpenMap) -> None:
    page = open_map()
    spot, other = screen_of(page, 1), screen_of(page, 0)
    page.mouse.move(*spot)
    page.mouse.wheel(0, -300)
    events(page, "view")
    # The wheel's own coordinates are whole pixels.
    assert screen_of(page, 1) == (pytest.approx(spot[0], abs=1.5), pytest.approx(spot[1], abs=1.5))
    assert spot[0] - screen_of(page, 0)[0] > 1.5 * (spot[0] - other[0])


def test_a_double_click_zooms_in_and_home_shows_everything_again(open_map: OpenMap) -> None:
    page = open_map()
    before = page.evaluate("map.view()")
    page.mouse.dblclick(400, 300)
    inside = page.evaluate("map.view()")
    assert inside["x1"] - inside["x0"] == pytest.approx((before["x1"] - before["x0"]) / 2)
    page.keyboard.press("Home")
    assert page.evaluate("map.view()") == before
    assert events(page, "view")[-1] == [None]


def test_a_lasso_drawn_with_the_mouse_becomes_a_short_polygon_and_an_emphasis(open_map: OpenMap) -> None:
    page = open_map(style="{palette: ['#ff0000'], colour: new Uint8Array(6), opacity: 1, size: 9}")
    page.evaluate("map.setMode('lasso')")
    drag(page, around(screen_of(page, 4)))
    [[taken]] = events(page, "lasso")
    assert (taken["mode"], taken["count"]) == ("replace", 1)
    assert 4 <= len(taken["polygon"]) <= 8
    assert all(len(repr(v)) <= 7 for corner in taken["polygon"] for v in corner)
    xs, ys = zip(*taken["polygon"], strict=True)
    assert 3 < min(xs) < 5 < max(xs) < 7
    assert 3 < min(ys) < 5 < max(ys) < 7
    settle(page)
    colour = "(([x, y]) => colourAt(x, y))"
    assert page.evaluate(colour, screen_of(page, 4)) == [255, 0, 0, 255]
    assert min(page.evaluate(colour, screen_of(page, 0))[:3]) > 170
    assert events(page, "mode") == [["lasso"]]


def test_a_lasso_that_a_busy_page_hears_of_in_one_event_keeps_its_corners(open_map: OpenMap) -> None:
    page = open_map()
    page.evaluate("map.setMode('lasso')")
    x, y = screen_of(page, 4)
    page.mouse.move(x + 30, y)
    page.mouse.down()
    page.evaluate(
        """([x, y]) => {
          const at = (angle) => ({
            pointerId: 1, pointerType: "mouse", isPrimary: true, bubbles: true, buttons: 1,
            clientX: x + 30 * Math.cos(angle), clientY: y + 30 * Math.sin(angle),
          });
          const angles = Array.from({ length: 40 }, (_, i) => (2 * Math.PI * i) / 40);
          const coalescedEvents = angles.map((angle) => new PointerEvent("pointermove", at(angle)));
          el.dispatchEvent(new PointerEvent("pointermove", { ...at(6.2), coalescedEvents }));
        }""",
        [x, y],
    )
    page.mouse.up()
    [[taken]] = events(page, "lasso")
    assert taken["count"] == 1
    assert len(taken["polygon"]) > 6


def test_shift_adds_and_alt_takes_away_without_leaving_the_hand(open_map: OpenMap) -> None:
    page = open_map()
    for key, row in (("Shift", 0), ("Shift", 4), ("Alt", 0)):
        page.keyboard.down(key)
        drag(page, around(screen_of(page, row)))
        page.keyboard.up(key)
    assert [(e["mode"], e["count"]) for [e] in events(page, "lasso")] == [
        ("add", 1),
        ("add", 1),
        ("subtract", 1),
    ]
    assert page.evaluate("map.mode()") == "pan"


def test_escape_drops_a_lasso_halfway_and_is_left_to_the_page_otherwise(open_map: OpenMap) -> None:
    page = open_map()
    page.evaluate("addEventListener('keydown', (e) => events.push(['key', e.key, e.defaultPrevented]))")
    page.evaluate("el.focus()")
    page.keyboard.press("l")
    path = around(screen_of(page, 4))
    page.mouse.move(*path[0])
    page.mouse.down()
    for place in path[1:3]:
        page.mouse.move(*place, steps=4)
    page.keyboard.press("Escape")
    page.mouse.move(*path[3])
    page.mouse.up()
    page.keyboard.press("Escape")
    assert events(page, "lasso") == []
    assert events(page, "key") == [["l", True], ["Escape", True], ["Escape", False]]


def test_the_keyboard_moves_zooms_focuses_and_selects(open_map: OpenMap) -> None:
    page = open_map()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "latent-map"
    x, y = screen_of(page, 4)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert screen_of(page, 4) == (pytest.approx(x - 60), pytest.approx(y - 60))
    page.keyboard.press("0")
    page.keyboard.press("Enter")
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.keyboard.press("s")
    assert events(page, "click") == [[4]]
    assert [e["count"] for [e] in events(page, "lasso")] == [1]


def test_everything_has_a_name_for_who_cannot_see_it(open_map: OpenMap) -> None:
    page = open_map()
    canvas = page.locator("#latent-map")
    assert canvas.get_attribute("aria-label") == "Latent map, 5 points"
    described = page.locator(f"#{canvas.get_attribute('aria-describedby')}")
    assert "Arrow keys move the map" in (described.text_content() or "")
    page.evaluate("el.pointmap.lasso([[-1, -1], [11, -1], [11, 1], [-1, 1]], 'replace')")
    assert page.locator("#host [role=status]").text_content() == "2 points selected"


def test_the_handle_does_what_the_mouse_does(open_map: OpenMap) -> None:
    page = open_map()
    count = page.evaluate("el.pointmap.lasso([[-1, -1], [6, -1], [6, 6], [-1, 6]], 'replace')")
    assert count == 2
    assert events(page, "lasso") == [
        [{"polygon": [[-1, -1], [6, -1], [6, 6], [-1, 6]], "mode": "replace", "count": 2}]
    ]
    page.evaluate("el.pointmap.setView({x0: 4, x1: 6, y0: 4, y1: 6})")
    shown = page.evaluate("el.pointmap.view()")
    assert (shown["y0"], shown["y1"]) == (pytest.approx(4), pytest.approx(6))
    assert shown["x0"] < 4
    page.evaluate("el.pointmap.focus(0)")
    x, y = screen_of(page, 0)
    assert 30 <= x <= WIDTH
    assert 20 <= y <= HEIGHT
    assert page.evaluate("([x, y]) => el.pointmap.rowAt(x, y)", (x, y)) == 0
    assert events(page, "click") == [[0]]
    assert page.evaluate("el.pointmap.frameTimes().every((ms) => ms >= 0 && ms < 1000)")


def test_hidden_points_are_neither_drawn_nor_clicked_nor_counted(open_map: OpenMap) -> None:
    page = open_map(style="{visible: Uint8Array.of(1, 1, 1, 1, 0, 1)}")
    page.mouse.click(*screen_of(page, 4))
    assert events(page, "click") == [[-1]]
    assert page.evaluate("el.pointmap.drawnCount()") == 4
    assert page.evaluate("el.pointmap.lasso([[4, 4], [6, 4], [6, 6], [4, 6]], 'replace')") == 0


def test_a_ring_follows_its_point_and_points_at_it_from_the_edge(open_map: OpenMap, artifacts: Path) -> None:
    page = open_map()
    cover = "[...document.querySelectorAll('#host canvas')].find((c) => c !== el)"
    marked = (
        f"([x, y]) => {cover}.getContext('2d').getImageData(x - 30 - 20, y - 20 - 20, 40, 40).data"
        ".filter((v, i) => i % 4 === 3 && v > 200).length"
    )
    spot = screen_of(page, 4)
    assert page.evaluate(marked, spot) == 0
    page.evaluate("map.setRings([{row: 4, colour: 'accent', radius: 11, label: ''}])")
    eventually(page, lambda: page.evaluate(marked, spot) > 100, "the ring has drawn itself together")
    drag(page, [(200, 300), (300, 300)])
    assert page.evaluate(marked, (spot[0] + 100, spot[1])) > 100
    page.evaluate("map.setView({x0: 6, x1: 9, y0: 4, y1: 6})")
    settle(page)
    assert page.evaluate(marked, (50, spot[1])) > 50
    page.screenshot(path=artifacts / "pointmap-ring-away.png")


def test_images_appear_where_there_is_room_and_are_clicked_like_points(
    open_map: OpenMap, artifacts: Path
) -> None:
    page = open_map()
    page.evaluate("""() => {
      const box = document.createElement("canvas");
      box.width = box.height = 64;
      box.getContext("2d").fillStyle = "#3060c0";
      box.getContext("2d").fillRect(0, 0, 64, 64);
      map.setImages(Int32Array.of(4, 0, 5), () => box.toDataURL());
    }""")
    settle(page)
    assert page.evaluate("el.pointmap.imagesShown()") == [4, 0]
    x, y = screen_of(page, 4)
    place = page.evaluate(
        "([x, y]) => { for (let d = -110; d < 110; d += 4) for (let e = -110; e < 110; e += 4)"
        " if (Math.hypot(d, e) > 20 && el.pointmap.rowAt(x + d, y + e) === 4) return [x + d, y + e]; }",
        (x, y),
    )
    page.mouse.click(*place)
    assert events(page, "click") == [[4]]
    page.evaluate("map.setLabels([{x: 5, y: 9, text: 'nodules'}])")
    page.wait_for_timeout(200)
    page.screenshot(path=artifacts / "pointmap-images.png")


def test_a_new_size_keeps_the_fit_and_two_device_pixels_stay_sharp(open_map: OpenMap) -> None:
    page = open_map(device_scale_factor=2)
    assert page.evaluate("[el.width, el.height]") == [2 * (WIDTH - 30), 2 * (HEIGHT - 20)]
    page.set_viewport_size({"width": 500, "height": 700})
    page.wait_for_function("el.width === 940")
    for row in range(5):
        x, y = screen_of(page, row)
        assert 30 < x < 500
        assert 20 < y < 700
    page.mouse.click(*screen_of(page, 3))
    assert events(page, "click") == [[3]]


def test_two_fingers_zoom(open_map: OpenMap) -> None:
    page = open_map(has_touch=True)
    before = screen_of(page, 1)[0] - screen_of(page, 0)[0]
    session = page.context.new_cdp_session(page)
    for kind, far in (("touchStart", 50), ("touchMove", 75), ("touchMove", 100), ("touchEnd", 0)):
        fingers = [{"x": 400 - far, "y": 300, "id": 0}, {"x": 400 + far, "y": 300, "id": 1}] if far else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    events(page, "view")
    assert screen_of(page, 1)[0] - screen_of(page, 0)[0] == pytest.approx(2 * before, rel=0.02)
    assert events(page, "click") + events(page, "lasso") == []


@pytest.mark.parametrize("points", ["[]", "[[3, 4]]", "[[1, 1], [1, 1], [1, 1]]", "[[NaN, NaN]]"])
def test_few_or_no_points_break_nothing(open_map: OpenMap, points: str) -> None:
    page = open_map(points)
    page.mouse.move(400, 300)
    page.mouse.wheel(0, -200)
    drag(page, [(400, 300), (440, 330)])
    page.evaluate("map.setMode('lasso')")
    drag(page, around((400, 300), 200))
    page.keyboard.press("Home")
    settle(page)
    assert all(abs(v) < 1e6 for v in page.evaluate("Object.values(map.view())"))


def test_a_second_geometry_of_another_length_replaces_the_first(open_map: OpenMap) -> None:
    page = open_map(style="{layer: new Uint8Array(6), visible: Uint8Array.of(1, 0, 0, 0, 0, 0)}")
    page.evaluate("show([[100, 100], [101, 101]])")
    assert page.evaluate("[el.pointmap.count, el.pointmap.drawnCount()]") == [2, 2]
    page.mouse.click(*screen_of(page, 1))
    assert events(page, "click") == [[1]]


def test_unknown_modes_and_styles_are_refused_by_name(open_map: OpenMap) -> None:
    page = open_map()
    said = "(call) => { try { eval(call); return 'nothing'; } catch (error) { return error.message; } }"
    assert page.evaluate(said, "map.setMode('draw')") == "unknown mode draw; known: pan, lasso"
    assert "unknown style colours; known: colour" in page.evaluate(said, "map.setStyle({colours: []})")
    assert "three corners" in page.evaluate(said, "el.pointmap.lasso([[0, 0]], 'add')")
    assert "known: replace" in page.evaluate(said, "el.pointmap.lasso([[0, 0], [1, 0], [0, 1]], 'xor')")


@pytest.mark.slow
def test_a_million_points_move_as_drafts_come_to_rest_in_full_and_are_lassoed(
    open_map: OpenMap, artifacts: Path
) -> None:
    page = open_map("[]")
    page.evaluate("""async () => {
      const { x, y, layer } = cloud(1000000);
      map.setGeometry(x, y);
      map.setStyle({ layer, colour: layer, palette: ["#8fa5ba", "#8fa5ba", "#8fa5ba", "#b31616"] });
      await el.pointmap.ready;
    }""")
    page.screenshot(path=artifacts / "pointmap-million.png")
    start = page.evaluate("performance.now()")
    page.mouse.move(400, 300)
    page.mouse.down()
    for step in range(60):
        page.mouse.move(400 + 3 * step, 300 - step)
    page.mouse.up()
    for step in range(40):
        page.mouse.wheel(0, -40 if step < 20 else 40)
    page.evaluate("el.pointmap.settled()")
    kinds = page.evaluate(
        "start => el.pointmap.frames().filter((f) => f.at > start).map((f) => f.kind)", start
    )
    assert "draft" in kinds
    assert kinds[-1] in ("full", "sliced")
    inside = page.evaluate("el.pointmap.lasso([[-1, -1], [1, -1], [1, 1], [-1, 1]], 'replace')")
    exact = page.evaluate("""() => {
      const { x, y } = cloud(1000000);
      return x.reduce((sum, value, i) => sum + (Math.abs(value) < 1 && Math.abs(y[i]) < 1), 0);
    }""")
    assert inside == pytest.approx(exact, rel=0.02)
