"""Explorers under a reader's hand, in real Chromium: from disk and with the network off."""

import base64
import json
import math
import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from explorable import explore, log
from explorable.controls import controls_of
from explorable.inputs import described
from explorable.page import _file
from opening import DESKTOP, PHONE, explorers, hold_time, open_page, rest

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Explorers</title>
<style>body{{margin:0 auto;max-width:720px;padding:0 16px;font-family:sans-serif}}
figure{{margin:1rem 0}}</style>
</head><body><p>Before.</p><figure id="fig-one">{0}</figure><p>Between.</p>{1}
<p style="height:2000px" id="end">After.</p></body></html>"""


def descent():
    """Two panels; a start that is dragged along one, a rate with marks, a step that is time."""
    fig = Figure(figsize=(5.6, 2.8), layout="constrained")
    left, right = fig.subplots(1, 2)
    (trail,) = left.plot([], [], "o-", color="#cc8400", markersize=3)
    (dot,) = left.plot([1], [0.5], "o", color="#0072b2")
    left.set(xlim=(-2.5, 2.5), ylim=(-0.2, 3.2), xlabel="w")
    (loss,) = right.plot([], [])
    right.set(xlim=(0, 10), ylim=(1e-9, 10), yscale="log", xlabel="step")

    def update(eta, w0, t):
        w = w0 * (1 - eta) ** np.arange(11)
        trail.set_data(w[: t + 1], w[: t + 1] ** 2 / 2)
        dot.set_data([w0], [w0**2 / 2])
        loss.set_data(range(t + 1), np.maximum(w[: t + 1] ** 2 / 2, 1e-12))
        return f"After {t} steps, w is {w[t]:.2f}."

    return explore(
        fig, update, alt="A descent.", eta=(0.0, 2.2), w0=(-2.0, 2.0), t=(0, 4),
        start={"eta": 0.3, "w0": 1.5, "t": 2}, labels={"eta": "η", "w0": "w₀"},
        marks={"eta": {"1/λ": 1.0, "2/λ": 2.0}}, play="t", drag={dot: {"x": "w0"}},
    )  # fmt: skip


def plane():
    """A point in a plane of which one axis is logarithmic; a control has a name of the other's."""
    fig = Figure(figsize=(4, 2.6))
    ax = fig.subplots()
    points = ax.scatter([10], [1])
    (line,) = ax.plot([], [])
    ax.set(xscale="log", xlim=(0.5, 200), ylim=(-3, 3))

    def update(kappa, eta, way):
        points.set_offsets([(kappa, eta)])
        line.set_data([1, kappa], [0, eta])
        line.set_linestyle(way)

    return explore(
        fig, update, alt="A point.", kappa=log(1, 100), eta=(-2.0, 2.0), way=["-", "--", ":"],
        start={"kappa": 10, "eta": 1}, drag={points: {"x": "kappa", "y": "eta"}},
    )  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    file = tmp_path_factory.mktemp("hand") / "page.html"
    file.write_text(PAGE.format(descent().html, plane().html), encoding="utf-8")
    return file.as_uri()


def state(explorer):
    return json.loads(explorer.get_attribute("data-state"))


def reaches(page, name, value):
    """Wait until a control of the first explorer has a value."""
    page.wait_for_function(
        "([name, value]) => JSON.parse(document.querySelector('.explorer').dataset.state)[name]"
        " === value",
        arg=[name, value],
    )


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def slider(explorer, name):
    return explorer.locator(f"[data-name={name}] input")


def thumb(explorer, name, u):
    """Where the thumb's middle is on the screen at a place of the scale."""
    box = slider(explorer, name).bounding_box()
    return box["x"] + 11 + (box["width"] - 22) * u, box["y"] + box["height"] / 2


def drag(page, begin, end, steps=8):
    page.mouse.move(*begin)
    page.mouse.down()
    page.mouse.move(*end, steps=steps)
    page.mouse.up()


def fingers(page):
    """Touches of the browser's own, which scroll as a finger does."""
    devtools = page.context.new_cdp_session(page)

    def move(*points):
        for kind, at in zip(
            ["touchStart", *["touchMove"] * (len(points) - 1)], points, strict=True
        ):
            devtools.send(
                "Input.dispatchTouchEvent",
                {"type": kind, "touchPoints": [{"x": at[0], "y": at[1]}]},
            )
        devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    return move


def test_the_thumb_stands_at_its_value_s_place_and_marks_catch_it(chromium, address):
    with open_page(chromium, address) as (page, complaints, requests):
        one, two = explorers(page, 2)
        drag(page, thumb(one, "eta", 0.3 / 2.2), thumb(one, "eta", 0.5))
        assert state(one)["eta"] == pytest.approx(1.1, abs=0.011)
        assert re.fullmatch(r"1\.(09|10|11)", one.locator("output").first.inner_text())
        x, y = thumb(one, "eta", 2 / 2.2)
        drag(page, thumb(one, "eta", 0.5), (x + 7, y))
        assert state(one)["eta"] == 2  # caught
        assert slider(one, "eta").get_attribute("aria-valuetext") == "2.00, 2 over lambda"
        page.mouse.click(x + 14, y)
        assert 2 < state(one)["eta"] < 2.1  # not that far away
        drag(page, (x, y), (x + 900, y + 300), steps=2)
        assert state(one)["eta"] == 2.2
        page.mouse.click(*thumb(two, "kappa", 0.5 + math.log10(2) / 2))
        assert state(two)["kappa"] == pytest.approx(20, rel=0.02)
        assert state(one) == {"eta": 2.2, "w0": 1.5, "t": 2}
        for u, t in ((0.8, 3), (0.87, 3), (0.88, 4), (-0.1, 0)):
            page.mouse.click(*thumb(one, "t", u)) if u > 0 else slider(one, "t").press("Home")
            assert state(one)["t"] == t
        # The labels of the scale stand under the thumb's middle.
        scale = one.locator("[data-name=eta] .explorer-scale b")
        for mark, value in zip(scale.all(), (1, 2), strict=True):
            assert middle(mark)[0] == pytest.approx(thumb(one, "eta", value / 2.2)[0], abs=1)
        assert complaints == [] and requests == [address]


def test_keys(chromium, address):
    with open_page(chromium, address) as (page, *_):
        one, two = explorers(page, 2)
        eta = slider(one, "eta")
        eta.focus()
        for key, value in (
            ("ArrowRight", 0.32), ("ArrowDown", 0.3), ("PageUp", 0.4), ("End", 2.2),
            ("PageDown", 2.1), ("PageDown", 2), ("PageDown", 1.9), ("PageUp", 2), ("Home", 0),
            ("ArrowLeft", 0),
        ):  # fmt: skip
            page.keyboard.press(key)
            assert state(one)["eta"] == pytest.approx(value), key
        slider(two, "kappa").focus()
        page.keyboard.press("ArrowUp")
        assert state(two)["kappa"] == pytest.approx(10 ** (1 + 2 * 0.02), rel=0.01)
        for key, t in (("ArrowRight", 3), ("End", 4), ("PageDown", 3), ("Home", 0)):
            slider(one, "t").press(key)
            assert state(one)["t"] == t
        # What an assistive tool does: it changes the input, if only by a little.
        slider(one, "t").evaluate("e => { e.value = 0.1; e.dispatchEvent(new Event('input')) }")
        assert state(one)["t"] == 1


def test_a_point_is_dragged(chromium, address):
    with open_page(chromium, address) as (page, complaints, _):
        one, two = explorers(page, 2)
        ring = one.locator(".explorer-handle")
        assert ring.bounding_box()["width"] >= 44
        x, y = middle(ring)
        width = one.locator("svg").bounding_box()["width"]
        drag(page, (x + 9, y - 5), (x + 9 - 60, y - 40), steps=20)
        moved = state(one)
        rest(page, 100)
        drawn = middle(one.locator("[data-part] use"))  # the dot itself, which also rises
        assert middle(ring) == pytest.approx(drawn, abs=1)
        assert middle(ring)[0] == pytest.approx(x - 60, abs=0.01 * width)  # the grip does not jump
        assert -2 < moved["w0"] < 0.5 and moved["eta"] == 0.3
        drag(page, middle(ring), (0, y), steps=3)
        assert state(one)["w0"] == -2
        x, y = middle(two.locator(".explorer-handle"))
        box = two.locator("svg").bounding_box()
        decade = box["width"] * 0.775 / math.log10(400)  # matplotlib's margins, without a layout
        drag(page, (x, y), (x + decade / 2, y + box["height"] * 0.77 / 6))
        assert state(two)["kappa"] == pytest.approx(10**1.5, rel=0.03)
        assert state(two)["eta"] == pytest.approx(0, abs=0.03)
        assert complaints == []


# A page glides on after the finger has left it.
STILL = """async () => {
  for (let last, same = 0; same < 20; last = scrollY) {
    await new Promise(requestAnimationFrame);
    same = scrollY === last ? same + 1 : 0;
  }
}"""


def test_a_finger_scrolls_or_moves_but_not_both(chromium, address):
    context = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    with open_page(chromium, address, **context) as (page, *_):
        one, two = explorers(page, 2)
        move = fingers(page)
        begin = state(one), state(two)
        for name in ("eta", "w0", "t"):
            slider(one, name).scroll_into_view_if_needed()
            before = page.evaluate("scrollY")
            x, y = thumb(one, name, 0.8)
            move(*((x + k / 4, y - 10 * k) for k in range(20)))
            page.wait_for_function(f"scrollY > {before} + 100")
            assert state(one) == begin[0]
        assert page.evaluate("scrollY") > 300
        page.evaluate(STILL)
        one.locator("form").evaluate("form => form.scrollIntoView({block: 'center'})")
        x, y = thumb(one, "eta", 0.2)
        before = page.evaluate("scrollY")
        move((x, y), (x + 12, y + 1), (x + 60, y + 2), thumb(one, "eta", 0.7))
        assert state(one)["eta"] == pytest.approx(0.7 * 2.2, abs=0.02)
        page.touchscreen.tap(*thumb(one, "t", 1))
        assert state(one)["t"] == 4
        assert page.evaluate("scrollY") == before
        two.locator(".explorer-handle").scroll_into_view_if_needed()
        x, y = middle(two.locator(".explorer-handle"))
        before = page.evaluate("scrollY")
        move((x, y), (x, y + 10), (x, y + 40))
        assert state(two)["eta"] < 0.5 and page.evaluate("scrollY") == before


def test_panels_restack_where_there_is_little_room(chromium, address):
    """And what is drawn stays what it was, moved."""
    places = """e => [...e.querySelectorAll("[data-axes]")].map((g) => {
        const box = g.getBoundingClientRect();
        return [box.x, box.y, box.width, box.height];
    })"""
    scale = "e => e.querySelector('svg').getScreenCTM().a"
    with open_page(chromium, address) as (page, complaints, _):
        one, two = explorers(page, 2)
        wide, by = one.evaluate(places), one.evaluate(scale)
        (left, right) = wide
        assert right[0] > left[0] + left[2] / 2 and abs(right[1] - left[1]) < left[3] / 4
        again = "e => e.dispatchEvent(new CustomEvent('explorer:set', { detail: { w0: 1.5 } }))"
        rest(page, 300)
        one.evaluate(again)
        drawing = one.locator("svg").inner_html()
        page.set_viewport_size(PHONE)
        page.wait_for_function("document.querySelector('.explorer').dataset.stacked === ''")
        (upper, lower), now = one.evaluate(places), one.evaluate(scale)
        assert lower[1] >= upper[1] + upper[3] - 8
        assert 10 * now >= 11 and 10 * two.evaluate(scale) >= 11  # tick labels of 10 points
        for before, after in zip(wide, (upper, lower), strict=True):
            assert after[2] / now == pytest.approx(before[2] / by, abs=0.1)
            assert after[3] / now == pytest.approx(before[3] / by, abs=0.1)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        ring, dot = middle(one.locator(".explorer-handle")), one.locator("[data-axes='0']")
        drag(page, ring, (ring[0] - 50, ring[1]))
        assert state(one)["w0"] < 1.2
        assert middle(one.locator(".explorer-handle"))[0] == pytest.approx(ring[0] - 50, abs=3)
        assert dot.bounding_box()["x"] < ring[0]
        one.evaluate(again)
        page.set_viewport_size(DESKTOP)
        page.wait_for_function("!('stacked' in document.querySelector('.explorer').dataset)")
        rest(page, 100)
        assert one.locator("svg").inner_html() == drawing
        assert complaints == []


def test_play_stops_at_the_end_and_when_a_hand_comes(chromium, address):
    with open_page(chromium, address) as (page, complaints, _):
        one, _ = explorers(page, 2)
        rest(page, 300)
        assert state(one)["t"] == 2  # never alone
        hold_time(page)
        play = one.get_by_role("button", name="Play t")
        play.click()
        pause = one.get_by_role("button", name="Pause t")
        assert pause.is_visible()
        page.set_viewport_size(PHONE)  # nothing stops for that
        slider(one, "eta").focus()
        page.clock.run_for(800)  # 700 ms a step
        assert state(one)["t"] == 3 and pause.is_visible()
        page.clock.run_for(800)
        assert state(one)["t"] == 4 and play.is_visible()
        play.click()  # from the end: from the beginning
        assert state(one)["t"] == 0
        slider(one, "t").press("ArrowRight")
        assert play.is_visible()
        now = state(one)
        page.clock.run_for(900)
        assert state(one) == now
        play.click()
        pause.click()
        page.clock.run_for(900)
        assert state(one) == now
        assert complaints == []


def test_who_wants_less_motion_gets_few_pictures(chromium, address):
    with open_page(chromium, address, reduced_motion="reduce") as (page, *_):
        one, _ = explorers(page, 2)
        slider(one, "t").press("Home")
        rest(page, 100)
        hold_time(page)
        one.get_by_role("button", name="Play t").click()
        page.clock.run_for(1900)  # a picture a second, eight for the whole way
        assert state(one)["t"] == 0
        page.clock.run_for(300)
        assert state(one)["t"] == 1


def test_a_ghost_stays_and_goes_and_reset_begins_again(chromium, address):
    with open_page(chromium, address) as (page, complaints, _):
        one, two = explorers(page, 2)
        rest(page, 300)
        lines = "e => [...e.querySelectorAll('.explorer-ghost path')].map(p => p.getAttribute('d'))"
        pin = one.get_by_role("button", name="Pin")
        pin.click()
        kept = one.evaluate(lines)
        assert kept and pin.get_attribute("aria-pressed") == "true"
        assert "η = 0.30" in one.locator(".explorer-pinned").inner_text()
        slider(one, "eta").press("End")
        rest(page, 100)
        assert one.evaluate(lines) == kept
        drawn = one.evaluate(
            "e => [...e.querySelectorAll('svg path')].filter(p => !p.closest('.explorer-ghost'))"
            ".map(p => p.getAttribute('d'))"
        )
        assert not set(kept) <= set(drawn)  # the curves have moved on
        assert two.locator(".explorer-ghost").count() == 0
        page.emulate_media(media="print")
        setting = one.locator(".explorer-setting")
        assert setting.is_visible() and not one.locator("form").is_visible()
        assert setting.inner_text().startswith("η = 2.20, w₀ = 1.50, t = 2 (pale: η = 0.30")
        page.emulate_media(media="screen")
        pin.click()
        assert one.locator(".explorer-ghost").count() == 0
        one.get_by_role("button", name="Reset").click()
        assert state(one) == {"eta": 0.3, "w0": 1.5, "t": 2}
        assert complaints == []


def test_an_address_holds_the_state(chromium, address):
    with open_page(chromium, address + "#fig-one?eta=1.9&w0=-2&t=4") as (page, complaints, _):
        one, two = explorers(page, 2)
        assert state(one) == {"eta": 1.9, "w0": -2, "t": 4}
        assert state(two)["eta"] == 1  # a control of the same name elsewhere
        slider(two, "eta").press("Home")
        page.wait_for_function("location.hash.startsWith('#explorer-2?')")
        assert "eta=-2" in page.evaluate("location.hash")
        page.reload()
        one, two = explorers(page, 2)
        assert (state(one)["eta"], state(two)["eta"]) == (1.9, -2)
        page.goto("about:blank")
        page.go_back()
        one, two = explorers(page, 2)
        assert (state(one)["eta"], state(two)["eta"]) == (1.9, -2)
        page.evaluate("location.hash = '#fig-one?eta=0.5'")
        page.wait_for_function(
            "JSON.parse(document.querySelector('.explorer').dataset.state).eta == 0.5"
        )
        assert complaints == []


@pytest.mark.parametrize(
    ("query", "eta"),
    [
        ("eta=99", 2.2), ("eta=-1e9", 0), ("eta=", 0.3), ("eta=x&z=1", 0.3), ("eta=NaN", 0.3),
        ("eta=Infinity", 0.3), ("%E0%A4%A", 0.3), ("eta=1&eta=2", 1), ("?&&=&", 0.3),
        ("__proto__=1&constructor=2&eta=%31", 1), ("eta=1.234567", 1.234567),
    ],
)  # fmt: skip
def test_a_malformed_address_does_no_harm(chromium, address, query, eta):
    with open_page(chromium, f"{address}#fig-one?{query}") as (page, complaints, _):
        one, _ = explorers(page, 2)
        assert state(one) == {"eta": eta, "w0": 1.5, "t": 2}
        assert complaints == []


def test_a_link_is_copied(chromium, address):
    with open_page(chromium, address, permissions=["clipboard-read", "clipboard-write"]) as (
        page,
        *_,
    ):
        one, two = explorers(page, 2)
        two.get_by_role("radio", name="--", exact=True).check()
        two.get_by_role("button", name="Copy link").click()
        two.get_by_role("button", name="Copied").wait_for()
        link = page.evaluate("navigator.clipboard.readText()")
        assert link == f"{address}#explorer-2?kappa=10&eta=1&way=--"
        page.goto("about:blank")
        page.goto(link)
        assert state(explorers(page, 2)[1])["way"] == "--"


def test_what_a_move_changed_is_said_once_the_hand_rests(chromium, address):
    with open_page(chromium, address) as (page, *_):
        one, _ = explorers(page, 2)
        said = one.locator(".explorer-said")
        assert said.get_attribute("aria-live") == "polite" and said.inner_text() == ""
        slider(one, "eta").press("ArrowRight")
        rest(page, 100)
        hold_time(page)
        page.clock.run_for(300)
        slider(one, "eta").press("ArrowRight")
        page.clock.run_for(400)
        assert said.inner_text() == ""  # the hand does not rest yet
        page.clock.run_for(300)
        assert said.inner_text() == f"After 2 steps, w is {1.5 * 0.66**2:.2f}."
        assert slider(one, "eta").get_attribute("aria-label") == "eta"
        assert slider(one, "w0").get_attribute("aria-label") == "w 0"
        slider(one, "w0").press("Home")
        assert slider(one, "w0").get_attribute("aria-valuetext") == "minus 2.00"


def test_forced_colours_show_track_thumb_marks_and_ghost(chromium, address):
    with open_page(chromium, address, forced_colors="active") as (page, *_):
        one, _ = explorers(page, 2)
        rest(page, 100)
        one.get_by_role("button", name="Pin").click()
        slider(one, "eta").press("End")
        slider(one, "eta").press("PageDown")
        rest(page, 100)
        colours = page.evaluate(
            """async (shot) => {
                const image = new Image();
                image.src = `data:image/png;base64,${shot}`;
                await image.decode();
                const canvas = new OffscreenCanvas(image.width, image.height);
                const pen = canvas.getContext("2d");
                pen.drawImage(image, 0, 0);
                const row = [...pen.getImageData(0, 15, image.width, 1).data];
                const seen = new Map();
                for (let i = 0; i < row.length; i += 4) {
                    const colour = row.slice(i, i + 3).join();
                    seen.set(colour, (seen.get(colour) ?? 0) + 1);
                }
                return Object.fromEntries(seen);
            }""",
            base64.b64encode(one.locator("[data-name=eta] .explorer-track").screenshot()).decode(),
        )
        usual = [colour for colour, count in colours.items() if count > 8]
        assert len(usual) >= 3  # filled, empty, the inside of the thumb: all told apart
        assert one.locator(".explorer-ghost").count() > 0
        opacity = "e => +getComputedStyle(e).opacity"
        assert one.locator(".explorer-ghost").first.evaluate(opacity) >= 0.4


@pytest.mark.parametrize("window", [(960, 540), (1920, 1080), (1280, 720)])
def test_figure_and_controls_fit_on_a_screen(chromium, address, window):
    """Also of a projector, 1920 x 1080, at 200%."""
    size = dict(zip(("width", "height"), window, strict=True))
    with open_page(chromium, address, viewport=size) as (page, *_):
        for explorer in explorers(page, 2):
            assert explorer.bounding_box()["height"] <= window[1] - 60  # the page's own header


def test_the_page_writes_numbers_as_python_does(chromium, address):
    """At 200 places of each scale, `textOf` in the page says what Control.text says."""
    script = f"(() => {{ {_file('controls.js')}"
    script += "; return ([about, values]) => values.map((v) => textOf(about, v)); })()"
    offers = [(0.0, 2.2), (-2.0, 2.0), (-1e4, 1e4), (0.0, 1e-3), log(1, 100), log(1e-7, 1e8)]
    with open_page(chromium, "about:blank") as (page, *_):
        for offer in offers:
            (control,) = controls_of({"k": offer})
            values = [control.at(u) for u in np.random.default_rng(1).uniform(size=200)]
            read = page.evaluate(script, [described(control), values])
            assert read == [control.text(value) for value in values], offer


def test_a_broken_drawing_leaves_nothing_to_move(chromium, address, tmp_path):
    with open_page(chromium, address, java_script_enabled=False) as (page, *_):
        assert page.locator(".explorer-handle").count() == 0
        assert not any(form.is_visible() for form in page.locator("form").all())
        text = page.content()
    broken = tmp_path / "broken.html"
    broken.write_text(re.sub(r'(x-explorer-frames">)[^<]{40}', r"\1" + "A" * 40, text))
    with open_page(chromium, broken.as_uri() + "#fig-one?eta=2") as (page, complaints, _):
        one, _ = explorers(page, 2)
        one.locator("form").wait_for(state="hidden")
        one.locator(".explorer-handle").wait_for(state="hidden")
        assert state(one) == {"eta": 0.3, "w0": 1.5, "t": 2}  # as it is drawn
        assert any("cannot be read" in text for text in complaints)
