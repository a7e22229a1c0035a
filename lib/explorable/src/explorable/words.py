"""Short texts with mathematical signs, in words: what a screen reader should say."""

import re
import unicodedata

_SIGNS = {
    "\N{MINUS SIGN}": "minus ",
    "\N{MULTIPLICATION SIGN}": " times ",
    "\N{MIDDLE DOT}": " times ",
    "\N{DIVISION SIGN}": " divided by ",
    "\N{SQUARE ROOT}": "root of ",
    "\N{INFINITY}": "infinity",
    "\N{LESS-THAN OR EQUAL TO}": " at most ",
    "\N{GREATER-THAN OR EQUAL TO}": " at least ",
    "\N{ALMOST EQUAL TO}": " about ",
    "\N{RIGHTWARDS ARROW}": " to ",
    "\N{PARTIAL DIFFERENTIAL}": "partial ",
    "\N{NABLA}": "gradient ",
    "=": " equals ",
    "+": " plus ",
    "|": " ",
    "\N{COMBINING CIRCUMFLEX ACCENT}": " hat ",
    "\N{COMBINING MACRON}": " bar ",
    "\N{COMBINING TILDE}": " tilde ",
}
_RAISED = re.compile("[⁰¹²³⁴-⁹⁺⁻ⁿ]+|[₀-₉₊₋]+")
_POWER = re.compile(r"(\d)e([-\N{MINUS SIGN}]?)(\d+)\b")


def spoken(text):
    """`text` with names in place of signs: "β₁ = 2/λ" is "beta 1 equals 2 over lambda".

    A hyphen, a slash and a plus sign between words stay what they are.
    """
    text = _POWER.sub(lambda m: f"{m[1]} times 10 to the {'minus ' * bool(m[2])}{m[3]}", text)
    text = re.sub(r"(?<![A-Za-z\d])-(?=[\d.])", "minus ", text)
    short = r"(?:[^\W\d_]|\d+)[₀-₉]*"  # as in 2/λ, not as in and/or
    text = re.sub(rf"(?<!\w)({short})\s*/\s*(?={short}(?!\w))", r"\1 over ", text)
    text = re.sub(r"(?<=[A-Za-z])\+(?=[A-Za-z])", " and ", text)
    text = _RAISED.sub(_raised, text)
    return " ".join("".join(map(_sign, unicodedata.normalize("NFD", text))).split())


def _raised(match):
    text = unicodedata.normalize("NFKC", match[0])
    if unicodedata.name(match[0][0]).startswith("SUBSCRIPT"):
        return f" {text} "
    return {"2": " squared ", "3": " cubed "}.get(text, f" to the {text} ")


def _sign(character):
    if character in _SIGNS:
        return _SIGNS[character]
    name = unicodedata.name(character, "")
    if name.startswith(("GREEK SMALL LETTER ", "GREEK CAPITAL LETTER ")):
        return f" {name.split()[3].lower().replace('lamda', 'lambda')} "
    return character
