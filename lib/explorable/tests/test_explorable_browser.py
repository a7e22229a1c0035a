"""Explorers in real Chromium, from disk and with the network off."""

import json
import re
from contextlib import contextmanager

import numpy as np
import pytest
from matplotlib.figure import Figure

from explorable import explore
from opening import DESKTOP, PHONE, explorers, open_page, rest

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Explorers</title>
<style>html[data-theme=dark]{{color-scheme:dark;background:#121212;color:#ddd}}
body{{margin:0 auto;max-width:720px;padding:0 16px;font-family:sans-serif}}</style></head>
<body><p>Before.</p>{0}<p style="height:{2}px">Between.</p>{1}<p>After.</p></body></html>"""


def descent():
    fig = Figure(figsize=(5.6, 2.8), layout="constrained")
    left, right = fig.subplots(1, 2)
    x = np.linspace(-1, 1, 30)
    left.contourf(x, x, x**2 + 4 * x[:, None] ** 2, 8)
    (path,) = left.plot([], [], "o-", color="#cc8400")
    right.set(xlim=(0, 20), ylim=(1e-9, 10), yscale="log")
    (loss,) = right.plot([], [])

    def update(eta, place):
        angle = {"east": 0.2, "north east": 0.8, "north": 1.4}[place]
        point = np.array([np.cos(angle), np.sin(angle)])
        points = np.array([point * (1 - eta * np.array([1, 2.0])) ** k for k in range(21)])
        path.set_data(points.T)
        loss.set_data(range(21), (points**2).sum(axis=1))
        right.set_title(rf"$\eta = {eta:.2f}$")

    controls = {"eta": np.linspace(0.05, 1.0, 20), "place": ["east", "north east", "north"]}
    return fig, update, controls


def curve():
    fig = Figure(figsize=(5.6, 2), layout="constrained")
    ax = fig.subplots()
    x = np.linspace(0, 1, 40)
    (line,) = ax.plot(x, x)

    def update(power, colour):
        line.set_ydata(x**power)
        line.set_color(colour.split()[-1])

    colours = [f"a long name for a colour: {c}" for c in ("red", "green", "blue")]
    return fig, update, {"power": range(1, 6), "colour": colours}


def choices():
    """Two rows of buttons of one name to the eye, and a beginning in the middle."""
    fig = Figure(figsize=(4, 2))
    ax = fig.subplots()
    (line,) = ax.plot([0, 1], [0, 1])

    def update(size, way, shade):
        line.set_linewidth(size)
        line.set_linestyle(way)
        line.set_color(shade)

    controls = {"size": [0.5, 1, 2, 4], "way": ["-", "--", ":"], "shade": ["r", "g", "b"]}
    start = {"size": 2, "way": "--", "shade": "b"}
    labels = {"way": "style", "shade": "style"}
    return explore(fig, update, alt="A line.", start=start, labels=labels, **controls)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Two explorers: near together in one file, the second far below the first in another."""
    shown = [
        explore(fig, update, alt=f"Figure {i}.", **controls).html
        for i, (fig, update, controls) in enumerate((descent(), curve()))
    ]
    folder = tmp_path_factory.mktemp("pages")
    files = {}
    for name, height in (("near", 20), ("far", 5000)):
        file = folder / f"{name}.html"
        file.write_text(PAGE.format(*shown, height), encoding="utf-8")
        files[name] = file.as_uri()
    return files


def clean(page, complaints, requests, url):
    assert complaints == []
    assert requests == [url]
    width, seen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= seen, f"the page is {width} pixels wide in a window of {seen}"


def expect(page, which, **state):
    """Wait until an explorer has these values and shows a drawing that belongs to them alone.

    Each page remembers what it has seen: the same values must give the same drawing again, other
    values another one. (That it is matplotlib's drawing is tested without a browser.)
    """
    page.wait_for_function(
        """([i, wanted]) => {
            const explorer = document.querySelectorAll("figure.explorer")[i];
            const now = JSON.parse(explorer.dataset.state);
            const drawn = window.drawn?.get(explorer);
            return Object.entries(wanted).every(([name, value]) =>
                now[name] === value || Math.abs(now[name] - value) < 1e-9)
                && (drawn ?? window.first?.get(explorer)) === explorer.dataset.state;
        }""",
        arg=[which, state],
    )
    now, drawing = page.evaluate(
        """i => {
            const explorer = document.querySelectorAll("figure.explorer")[i];
            return [explorer.dataset.state, explorer.querySelector("svg").innerHTML];
        }""",
        which,
    )
    seen = page.__dict__.setdefault("seen", {})
    assert seen.setdefault((which, now), drawing) == drawing
    others = [d for (i, state), d in seen.items() if i == which and state != now]
    assert drawing not in others


WATCH = """window.drawn = new Map();
document.addEventListener("explorer:drawn", ({ target, detail }) =>
    drawn.set(target, JSON.stringify(detail)));
document.addEventListener("DOMContentLoaded", () => {
    window.first = new Map([...document.querySelectorAll("figure.explorer")]
        .map((explorer) => [explorer, explorer.dataset.state]));
});"""


@contextmanager
def watched(chromium, url, **context):
    """As open_page, with an eye on what was drawn."""
    with open_page(chromium, "about:blank", **context) as (page, complaints, requests):
        page.add_init_script(WATCH)
        page.goto(url)
        requests.clear()
        requests.append(url)
        yield page, complaints, requests


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_control_moves_its_own_figure_and_no_other(chromium, pages, size, theme):
    with watched(chromium, pages["near"], viewport=size) as (page, *said):
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        first, second = explorers(page, 2)
        expect(page, 0, eta=0.05, place="east")
        first.locator("input[type=range]").fill("0.4")
        expect(page, 0, eta=0.4, place="east")
        expect(page, 1, power=1)
        first.get_by_role("radio", name="north", exact=True).check()
        expect(page, 0, eta=0.4, place="north")
        second.locator("select").select_option(index=2)
        expect(page, 1, power=1, colour="a long name for a colour: blue")
        second.locator("input[type=range]").fill("5")
        expect(page, 1, power=5, colour="a long name for a colour: blue")
        expect(page, 0, eta=0.4, place="north")
        assert first.locator("output").inner_text() == "0.4"
        assert first.locator("input[type=range]").get_attribute("aria-valuetext") == "0.4"
        clean(page, *said, pages["near"])


def test_by_keyboard(chromium, pages):
    with watched(chromium, pages["near"]) as (page, *said):
        first, _ = explorers(page, 2)
        page.keyboard.press("Tab")  # the first thing to reach is the first slider
        for key, eta in (
            ("ArrowRight", 0.1),
            ("ArrowUp", 0.15),
            ("ArrowLeft", 0.1),
            ("End", 1),
            ("PageDown", 0.9),
            ("PageUp", 1),
            ("Home", 0.05),
        ):
            page.keyboard.press(key)
            expect(page, 0, eta=eta)
        slider = first.locator("input[type=range]")
        focused = slider.screenshot()
        slider.blur()
        assert slider.screenshot() != focused  # the focus can be seen
        slider.focus()
        page.keyboard.press("Tab")  # then its choice
        page.keyboard.press("ArrowRight")
        expect(page, 0, eta=0.05, place="north east")
        page.keyboard.press("Enter")  # a form must not be sent anywhere
        first.locator("form").evaluate("form => form.requestSubmit()")
        page.keyboard.press("ArrowLeft")
        expect(page, 0, eta=0.05, place="east")
        page.keyboard.press("Tab")  # then the buttons
        for name in ("Pin", "Reset", "Copy link"):
            assert page.evaluate("document.activeElement.textContent") == name
            page.keyboard.press("Tab")
        clean(page, *said, pages["near"])


def test_a_fast_drag_ends_at_the_right_frame(chromium, pages):
    with watched(chromium, pages["near"]) as (page, *said):
        first, _ = explorers(page, 2)
        page.evaluate(
            """() => {
                window.swaps = 0;
                document.addEventListener("explorer:drawn", () => window.swaps++);
                const slider = document.querySelector(".explorer input[type=range]");
                for (let n = 0; n < 400; n++) {
                    slider.value = 0.05 + (n % 20) * 0.05;
                    slider.dispatchEvent(new Event("input", { bubbles: true }));
                }
            }"""
        )
        expect(page, 0, eta=1)
        assert page.evaluate("window.swaps") <= 2  # 400 moves, one drawing for the screen
        box = first.locator("input[type=range]").bounding_box()
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] - 11, middle)
        page.mouse.down()
        page.mouse.move(box["x"] + 11, middle, steps=40)
        page.mouse.up()
        expect(page, 0, eta=0.05)
        clean(page, *said, pages["near"])


def test_by_touch_on_a_phone(chromium, pages):
    context = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    with watched(chromium, pages["near"], **context) as (page, *said):
        first, _ = explorers(page, 2)
        box = first.locator(".explorer-track").bounding_box()
        assert box["height"] >= 44 and box["width"] >= 300
        page.touchscreen.tap(box["x"] + box["width"] - 12, box["y"] + 15)
        expect(page, 0, eta=1)
        pressed = [".explorer-choice label", ".explorer-actions button"]
        for place in (each for kind in pressed for each in first.locator(kind).all()):
            assert place.bounding_box()["height"] >= 40
        first.locator(".explorer-choice label").nth(1).tap()
        expect(page, 0, eta=1, place="north east")
        clean(page, *said, pages["near"])


def test_nothing_moves_and_nothing_is_unpacked_before_its_time(chromium, pages):
    with watched(chromium, "about:blank") as (page, *_):
        page.add_init_script(
            """window.unpacked = 0;
            const Real = window.DecompressionStream;
            window.DecompressionStream = class extends Real {
                constructor(...given) { super(...given); window.unpacked++; }
            };
            window.shift = 0;
            new PerformanceObserver((list) => {
                for (const entry of list.getEntries()) window.shift += entry.value;
            }).observe({ type: "layout-shift", buffered: true });"""
        )
        page.goto(pages["far"])
        explorers(page, 2)
        page.wait_for_function("window.unpacked == 1")
        rest(page, 100)
        assert page.evaluate("window.unpacked") == 1
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_function("window.unpacked == 2")
        assert page.evaluate("window.shift") == 0
        for power in (2, 3, 4):
            page.locator("input[type=range]").last.fill(str(power))
            expect(page, 1, power=power)
        assert page.evaluate("window.unpacked") == 2  # each once, however often it is moved


def test_without_scripts_the_first_frame_stands_alone(chromium, pages):
    with open_page(chromium, pages["near"], java_script_enabled=False) as (page, *said):
        assert page.locator(".explorer svg").first.is_visible()
        assert page.locator(".explorer-controls").count() == 2
        assert not any(form.is_visible() for form in page.locator(".explorer-controls").all())
        assert said == [[], [pages["near"]]]


def test_in_print_there_are_no_controls(chromium, pages):
    with open_page(chromium, pages["near"]) as (page, *_):
        page.emulate_media(media="print")
        assert page.locator(".explorer svg").first.is_visible()
        assert not any(form.is_visible() for form in page.locator(".explorer-controls").all())


def test_frames_that_cannot_be_read_leave_the_first(chromium, pages, tmp_path):
    broken = tmp_path / "broken.html"
    with open_page(chromium, pages["near"], java_script_enabled=False) as (page, *_):
        text = page.content()
    text = re.sub(r'(x-explorer-frames">)[^<]{40}', r"\1" + "A" * 40, text, count=1)
    broken.write_text(text, encoding="utf-8")
    with watched(chromium, broken.as_uri()) as (page, complaints, _):
        first, second = explorers(page, 2)
        first.locator("form").wait_for(state="hidden")
        assert first.locator("svg").is_visible()
        assert any("its frames cannot be read" in text for text in complaints)
        second.locator("input[type=range]").fill("2")
        expect(page, 1, power=2)


# ---- What an explorer says of itself, and what it can be told.


@pytest.fixture(scope="module")
def chosen(tmp_path_factory):
    """A page written by `save`, and what it says of itself."""
    shown = choices()
    file = tmp_path_factory.mktemp("page") / "page.html"
    shown.save(file)
    return file.as_uri(), shown.record


def test_a_saved_page_begins_at_its_start(chromium, chosen):
    """From disk, the network off; from the start to the very first frame, and back."""
    address, record = chosen
    with watched(chromium, address) as (page, *said):
        (explorer,) = explorers(page)
        assert page.title() == "A line."
        assert json.loads(explorer.get_attribute("data-state")) == record["start"]
        assert explorer.locator("output").inner_text() == "2"
        assert explorer.locator("input:checked").evaluate_all("es => es.map(e => e.value)") == [
            "1",
            "2",
        ]
        expect(page, 0, **record["start"])
        explorer.evaluate(SET, {"size": 0.5, "way": "-", "shade": "r"})
        expect(page, 0, size=0.5, way="-", shade="r")
        explorer.locator("input[type=range]").press("ArrowRight")
        expect(page, 0, size=1, way="-", shade="r")
        explorer.get_by_role("button", name="Reset").click()
        expect(page, 0, **record["start"])
        clean(page, *said, address)


def test_rows_of_buttons_do_not_disturb_one_another(chromium, chosen):
    """Also when one label stands beside both."""
    with watched(chromium, chosen[0]) as (page, *_):
        (explorer,) = explorers(page)
        rows = explorer.get_by_role("radiogroup", name="style").all()
        rows[0].get_by_role("radio", name=":").check()
        expect(page, 0, size=2, way=":", shade="b")
        rows[1].get_by_role("radio", name="g").check()
        expect(page, 0, size=2, way=":", shade="g")
        assert explorer.locator("input:checked").count() == 2


def test_the_track_is_filled_up_to_the_handle(chromium, chosen):
    """0.5, 1, 2, 4 stand evenly on a logarithmic scale, as which they are taken."""
    with open_page(chromium, chosen[0]) as (page, *_):
        (explorer,) = explorers(page)
        slider = explorer.locator("input[type=range]")
        filled = "e => +e.style.getPropertyValue('--explorer-at')"
        assert slider.evaluate(filled) == pytest.approx(2 / 3, abs=1e-4)
        for value, place in ((0.5, 0), (1, 1 / 3), (4, 1)):
            explorer.evaluate(SET, {"size": value})
            assert slider.evaluate(filled) == pytest.approx(place, abs=1e-4)
            low, high, now = (
                float(slider.evaluate(f"e => e.{each}")) for each in ("min", "max", "value")
            )
            assert (now - low) / (high - low) == pytest.approx(place, abs=1e-4)


def test_its_state_follows_the_controls(chromium, pages):
    with open_page(chromium, pages["near"]) as (page, *said):
        first, second = explorers(page, 2)

        def states():
            return [json.loads(e.get_attribute("data-state")) for e in (first, second)]

        start = [
            {"eta": 0.05, "place": "east"},
            {"power": 1, "colour": "a long name for a colour: red"},
        ]
        assert states() == start
        first.locator("input[type=range]").fill("0.4")
        assert states()[0] == {"eta": pytest.approx(0.4), "place": "east"}
        first.get_by_role("radio", name="north", exact=True).check()
        assert states()[0] == {"eta": pytest.approx(0.4), "place": "north"}
        assert states()[1] == start[1]
        second.locator("select").select_option(index=1)
        second.locator("input[type=range]").press("End")
        assert states()[1] == {"power": 5, "colour": "a long name for a colour: green"}
        clean(page, *said, pages["near"])


SET = """(explorer, detail) => {
    const told = [];
    const drawn = (event) => told.push(event.detail);
    document.addEventListener("explorer:drawn", drawn);
    explorer.dispatchEvent(new CustomEvent("explorer:set", { detail }));
    document.removeEventListener("explorer:drawn", drawn);
    return { state: JSON.parse(explorer.dataset.state), told };
}"""


def test_it_can_be_set(chromium, chosen):
    """A number goes to the nearest stop; controls, what is said of them, and figure follow."""
    address, record = chosen
    with watched(chromium, address) as (page, *said):
        (explorer,) = explorers(page)
        explorer.evaluate(SET, {"size": 1})
        state = {**record["start"], "size": 1}
        expect(page, 0, **state)  # also before its frames have been unpacked
        for detail, wanted in (
            ({"size": 3.1}, {"size": 4}),
            ({"size": 2.9}, {"size": 2}),
            ({"size": 3}, {"size": 2}),  # as near to 4: the first
            ({"size": -7}, {"size": 0.5}),
            ({"size": 1e9, "shade": "r"}, {"size": 4, "shade": "r"}),
            ({"way": ":", "size": 1}, {"way": ":", "size": 1}),
            ({}, {}),
        ):
            state |= wanted
            found = explorer.evaluate(SET, detail)
            assert found["state"] == state, detail
            assert state in found["told"]  # drawn when the event returns
            expect(page, 0, **state)
            slider = explorer.locator("input[type=range]")
            assert float(slider.get_attribute("aria-valuetext")) == state["size"]
            assert float(explorer.locator("output").inner_text()) == state["size"]
            marked = explorer.locator("input:checked + span").all_inner_texts()
            assert marked == [state["way"], state["shade"]]
        clean(page, *said, address)


@pytest.mark.parametrize(
    "wrong",
    [
        {"eta": 1.9},
        {"size": "2"},
        {"size": None},
        {"size": [4]},
        {"way": "-."},
        {"way": 1},
        {"toString": "x"},
        {"__proto__": 1, "constructor": 2},
        "text",
    ],
    ids=str,
)
def test_what_cannot_be_set_is_left_out_and_said(chromium, chosen, wrong):
    address, record = chosen
    with watched(chromium, address) as (page, complaints, _):
        (explorer,) = explorers(page)
        assert explorer.evaluate(SET, wrong)["state"] == record["start"]
        expect(page, 0, **record["start"])
        assert complaints and all("explorer:set: left out" in text for text in complaints)
        if isinstance(wrong, dict):  # what is right beside it is taken
            state = explorer.evaluate(SET, {**wrong, "shade": "g"})["state"]
            assert state == {**record["start"], "shade": "g"}


def test_frames_that_cannot_be_read_leave_the_state_too(chromium, chosen, tmp_path):
    address, record = chosen
    with open_page(chromium, address, java_script_enabled=False) as (page, *_):
        text = page.content()
    text = re.sub(r'(x-explorer-frames">)[^<]{40}', r"\1" + "A" * 40, text)
    broken = tmp_path / "broken.html"
    broken.write_text(text.replace("<body>", "<body><p style='height:5000px'>Far above.</p>"))
    with open_page(chromium, broken.as_uri()) as (page, complaints, _):
        (explorer,) = explorers(page)
        assert explorer.evaluate(SET, {"size": 4})["state"]["size"] == 4  # nothing is known yet
        explorer.locator("form").wait_for(state="hidden")
        for _ in range(2):
            assert explorer.evaluate(SET, {"size": 4})["state"] == record["start"]
        assert any("its frames cannot be read" in text for text in complaints)
        assert any("left out" in text for text in complaints)


# ---- Light and dark, and what a page may set.

COLOURS = """explorer => {
    const of = (selector, property) =>
        getComputedStyle(explorer.querySelector(selector))[property];
    return {
        ink: of("svg", "fill"),
        paper: of("svg [style*=explorer-paper]", "fill"),
        accent: of(".explorer-choice input:checked + span", "borderTopColor"),
        ground: getComputedStyle(document.body).backgroundColor,
    };
}"""
LIGHT = {"ink": "rgb(0, 0, 0)", "paper": "rgb(255, 255, 255)", "accent": "rgb(0, 114, 178)"}
DARK = {"ink": "rgb(255, 255, 255)", "paper": "rgb(18, 18, 18)", "accent": "rgb(86, 180, 233)"}


def colours(chromium, address, head="", scheme="light", root=""):
    """The colours of a saved page's explorer, with other things in its head and on its root."""
    with open_page(chromium, address, color_scheme=scheme, java_script_enabled=False) as (page, *_):
        page.evaluate(
            """([head, root]) => {
                if (head) document.head.innerHTML = head;
                if (root) document.documentElement.dataset.theme = root;
            }""",
            [head, root],
        )
        found = page.locator("figure.explorer").evaluate(COLOURS)
        return {name: found[name] for name in LIGHT}


def test_a_saved_page_is_as_light_as_its_reader_likes(chromium, chosen):
    assert colours(chromium, chosen[0]) == LIGHT
    assert colours(chromium, chosen[0], scheme="dark") == DARK


def test_a_page_that_knows_no_dark_stays_light(chromium, chosen):
    plain = "<style>body{background:#fff;color:#000}</style>"
    assert colours(chromium, chosen[0], head=plain, scheme="dark") == LIGHT


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_says_what_it_is(chromium, chosen, scheme):
    """data-theme comes before what the reader likes."""
    head = "<style>[data-theme=dark]{background:#121212;color:#fff}</style>"
    for theme, wanted in (("light", LIGHT), ("dark", DARK)):
        assert colours(chromium, chosen[0], head, scheme, theme) == wanted
    auto = "<style>@media (prefers-color-scheme:dark){:root{color:#fff}}</style>"
    wanted = {"light": LIGHT, "dark": DARK}[scheme]
    assert colours(chromium, chosen[0], auto, scheme, "auto") == wanted


@pytest.mark.parametrize("where", [":root", ".explorer"])
def test_a_page_sets_its_own_colours(chromium, chosen, where):
    """By rules that come first in the page, on the root or on the explorers."""
    own = ("ink: #112233", "paper: #ffeedd", "accent: #445566")
    head = f"<style>{where}{{{';'.join(f'--explorer-{each}' for each in own)}}}</style>"
    wanted = {"ink": "rgb(17, 34, 51)", "paper": "rgb(255, 238, 221)", "accent": "rgb(68, 85, 102)"}
    for scheme in ("light", "dark"):
        assert colours(chromium, chosen[0], head, scheme) == wanted
