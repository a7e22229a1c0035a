"""A notebook that was changed is noticed, whatever was changed; the last digits are not."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from explorable import explore, packing, svg
from same_outputs import differences

FRAMES = re.compile(r'(<script type="application/x-explorer-frames">)(.*?)(</script>)', re.DOTALL)


def curve(colour="C0", power=2, shift=0.0):
    fig, ax = plt.subplots(figsize=(3, 2))
    x = np.linspace(0, 1, 9)
    ax.plot(x, x**power + shift, color=colour, marker="o")
    ax.set_title("a curve")
    plt.close(fig)
    return fig


def picture(top=1.0):
    fig, ax = plt.subplots(figsize=(2, 2))
    ax.imshow([[0, 0.5], [0.25, top]], vmin=0, vmax=1, cmap="gray")
    plt.close(fig)
    return fig


def explorer(factor=1.0, moved=0.0):
    fig, ax = plt.subplots(figsize=(3, 2))
    ax.set_ylim(0, 4)
    (line,) = ax.plot([0, 1], [0, 1])
    plt.close(fig)

    def update(a):
        line.set_ydata([moved, a * factor])

    return explore(fig, update, alt="a line", static=True, a=[1, 2, 3]).html


def output(page):
    return {
        "output_type": "execute_result",
        "execution_count": 1,
        "metadata": {},
        "data": {"text/html": page, "text/plain": "x"},
    }


def differ(a, b, **how):
    return differences([output(a)], [output(b)], **how)


CURVE, PICTURE, EXPLORER = svg.draw(curve()), svg.draw(picture()), explorer()


def repacked(change):
    """The explorer with its data changed."""
    begin, packed, end = FRAMES.search(EXPLORER).groups()
    data, numbers = packing.unpacked(packed)
    change(data, numbers)
    return FRAMES.sub(lambda _: begin + packing.packed(data, numbers) + end, EXPLORER)


def swap(data, numbers):
    numbers[-1], numbers[-3] = numbers[-3], numbers[-1]


def alter(data, numbers):
    numbers[-1] += 100


def move(data, numbers):
    data["units"][0]["cases"][0]["groups"][0]["places"]["a"][1] += 0.1


def recolour(data, numbers):
    look = r"stroke: (#\w+|var[^;]*|\ue002)"
    data["templates"][0] = re.sub(look, "stroke: #d55e00", data["templates"][0])


def lose(data, numbers):
    numbers.pop()


HOLES = {
    "a path": (CURVE, re.sub(r"L(\d+)", lambda m: f"L{int(m[1]) + 1}", CURVE, count=1)),
    "a path of a glyph": (CURVE, CURVE.replace(re.search(r"M\d+ (\d{4})", CURVE)[1], "7", 1)),
    "the size of a glyph": (CURVE, CURVE.replace("scale(0.015625)", "scale(0.03)", 1)),
    "a figure emptied": (CURVE, "<svg></svg>"),
    "another figure's drawing": (CURVE, svg.draw(curve(power=3))),
    "a colour": (CURVE, svg.draw(curve(colour="C1"))),
    "a colour in the text": (CURVE, re.sub("#1f77b4", "#1f77b5", CURVE, count=1)),
    "a name that leads nowhere": (CURVE, re.sub(r'(href="#n\w{8})-', r"\1a-", CURVE, count=1)),
    "a marker in another place": (CURVE, re.sub(r"(<use[^>]* x=\")\d+", r"\g<1>1", CURVE, count=1)),
    "a shape more": (CURVE, CURVE.replace("</svg>", '<path d="M0 0L9 9"/></svg>')),
    "an image": (PICTURE, svg.draw(picture(0.7))),
    "the start of an explorer": (EXPLORER, EXPLORER.replace(*(
        lambda path: (path, path.replace("L", "L9", 1)))(
            re.search(r'data-part="0">.*?</g>', EXPLORER)[0]), 1)),
    "numbers swapped": (EXPLORER, repacked(swap)),
    "one number altered": (EXPLORER, repacked(alter)),
    "a node moved": (EXPLORER, repacked(move)),
    "one drawing's colour": (EXPLORER, repacked(recolour)),
    "a number lost": (EXPLORER, repacked(lose)),
    "frames of other values": (EXPLORER, explorer(factor=1.1)),
    "frames that cannot be read": (EXPLORER, FRAMES.sub(r"\1broken\3", EXPLORER)),
    "the script broken": (EXPLORER, EXPLORER.replace("const unpack", "const unpacked", 1)),
    "the script of an older library": (EXPLORER, EXPLORER.replace("explorer:drawn", "drawn")),
    "the style": (EXPLORER, EXPLORER.replace("<style>", "<style>p{}", 1)),
    "words beside the drawing": (f"<p>1</p>{CURVE}", f"<p>2</p>{CURVE}"),
}  # fmt: skip


@pytest.mark.parametrize("was, now", HOLES.values(), ids=HOLES.keys())
def test_what_was_changed_is_noticed(was, now):
    assert was != now
    assert differ(was, was) == []
    assert differ(was, now) and differ(now, was)


DIGITS = {
    "a curve": (lambda e: svg.draw(curve(shift=e)), 2e-4),
    "the start of an explorer": (lambda e: explorer(moved=e), 5e-4),
    "frames of an explorer": (lambda e: explorer(factor=1 + e), 3e-4),
    "an image": (lambda e: svg.draw(picture(0.8 - e)), 0.008),
}


@pytest.mark.parametrize("draw, little", DIGITS.values(), ids=DIGITS.keys())
def test_last_digits_may_differ(draw, little):
    """All names of a drawing change with it, and an explorer's parts may be other ones."""
    assert draw(0) != draw(little)
    assert differ(draw(0), draw(little)) == []
    assert differ(draw(0), draw(0.1))


OUTPUT = output(CURVE)
STREAM = {"output_type": "stream", "name": "stdout", "text": "1\n"}
OTHERS = {
    "an output less": [STREAM],
    "an output more": [STREAM, OUTPUT, OUTPUT],
    "the text": [STREAM, OUTPUT | {"data": OUTPUT["data"] | {"text/plain": "y"}}],
    "a type of output": [STREAM, OUTPUT | {"output_type": "display_data"}],
    "a kind of data more": [STREAM, OUTPUT | {"data": OUTPUT["data"] | {"x/y+json": {}}}],
    "metadata": [STREAM, OUTPUT | {"metadata": {"a": 1}}],
    "what was printed": [STREAM | {"text": "2\n"}, OUTPUT],
    "where it was printed": [STREAM | {"name": "stderr"}, OUTPUT],
}


@pytest.mark.parametrize("changed", OTHERS.values(), ids=OTHERS.keys())
def test_other_outputs_are_compared_to_the_letter(changed):
    assert differences([STREAM, OUTPUT], [OUTPUT, STREAM]) == []
    assert differences([STREAM, OUTPUT], changed) and differences(changed, [STREAM, OUTPUT])


def test_a_chaotic_cell_may_have_other_numbers_only():
    other = svg.draw(curve(shift=0.3))
    assert differ(CURVE, other) and not differ(CURVE, other, chaotic=True)
    assert not differ(EXPLORER, explorer(factor=1.3), chaotic=True)
    assert differ(CURVE, svg.draw(curve(colour="C1")), chaotic=True)
    assert differ(CURVE, PICTURE, chaotic=True)
    assert differ(CURVE, EXPLORER, chaotic=True)
    texts = "He:   0.9  1.25", "He: 10.8 1.3", "He: 0.9", "Xavier: 0.9 1.25"
    said = [[{"output_type": "stream", "name": "stdout", "text": text}] for text in texts]
    assert not differences(said[0], said[1], chaotic=True)
    for text in said[2:]:
        assert differences(said[0], text, chaotic=True)
    assert differences(said[0], said[1])
