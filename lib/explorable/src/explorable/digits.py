"""Numbers in texts: how they are formatted, and what they are beyond the digits that are printed.

A page interpolates the number and prints it as Python did. For this its value must be known better
than to the printed digit, so `precise` makes a twin of an update that prints more digits.
"""

import re
import types

import numpy as np

MINUS = "\N{MINUS SIGN}"
LEAST = 1e-300
_SPEC = re.compile(r"([+ ]?z?)(?:\.\d+)?([efg%])")
_IN_BRACES = re.compile(r"(\{[^{}:]*:)([+ ]?z?)(?:\.\d+)([efg%]\})")
_DIGITS = {"e": 15, "f": 12, "g": 16, "%": 12}


def precise(function):
    """The same function, whose formats (".3f" in f"{x:.3f}") print about 15 digits.

    Functions that it calls are taken along, when they are written in Python and known by a name.
    """
    return _twin(function, {}) if isinstance(function, types.FunctionType) else function


def _twin(function, made):
    if function in made:
        return made[function]
    names = {**function.__globals__}
    cells = tuple(types.CellType() for _ in function.__closure__ or ())
    code = _longer(function.__code__)
    twin = types.FunctionType(code, names, function.__name__, function.__defaults__, cells or None)
    twin.__kwdefaults__ = function.__kwdefaults__
    made[function] = twin
    for cell, old in zip(cells, function.__closure__ or (), strict=True):
        content = old.cell_contents
        own = isinstance(content, types.FunctionType) and _formats(content.__code__)
        cell.cell_contents = _twin(content, made) if own else content
    for name in _names(function.__code__):
        called = names.get(name)
        if isinstance(called, types.FunctionType) and _formats(called.__code__):
            names[name] = _twin(called, made)
    return twin


def _names(code):
    inner = (c for c in code.co_consts if isinstance(c, types.CodeType))
    return {*code.co_names, *(name for c in inner for name in _names(c))}


def _formats(code):
    return any(
        _formats(c) if isinstance(c, types.CodeType) else isinstance(c, str) and _long(c) != c
        for c in code.co_consts
    )


def _longer(code):
    consts = tuple(
        _longer(c) if isinstance(c, types.CodeType) else _long(c) if isinstance(c, str) else c
        for c in code.co_consts
    )
    return code.replace(co_consts=consts)


def _long(text):
    if match := _SPEC.fullmatch(text):
        return f"{match[1]}.{_DIGITS[match[2]]}{match[2]}"
    return _IN_BRACES.sub(lambda m: f"{m[1]}{m[2]}.{_DIGITS[m[3][0]]}{m[3]}", text)


def written(value, form):
    """A number as Python writes it; form: (type "e", "f" or "g", digits, plus, minus sign, signed).

    What is never negative is not written so where its interpolation is, by less than a digit; nor
    is what rounds to zero (Python's -0.0).
    """
    kind, digits, plus, minus, signed = form
    value = value if signed else abs(value)
    text = f"{value:{'+' if plus else ''}.{digits}{kind}}"
    if text[0] == "-" and not float(text):
        text = "+" * plus + text[1:]
    return text.replace("-", minus)


def form_of(pairs):
    """The form in which all these (value, as printed) are printed, or None."""
    texts = [text for _, text in pairs]
    minus = MINUS if any(MINUS in text for text in texts) else "-"
    plus = any(text[0] == "+" for text in texts)
    signed = any(text[0] == minus for text in texts)
    plain = [text for text in texts if "e" not in text]
    decimals = {len(text.partition(".")[2]) for text in plain}
    mantissas = {len(text.partition("e")[0].partition(".")[2]) for text in texts if "e" in text}
    candidates = []
    if len(plain) == len(texts) and len(decimals) == 1:
        candidates.append(("f", *decimals))
    if not plain and len(mantissas) == 1:
        candidates.append(("e", *mantissas))
    candidates += [("g", digits) for digits in range(1, 13)]
    for kind, digits in candidates:
        form = kind, digits, plus, minus, signed
        if all(_reads(value, text, form) for value, text in pairs):
            return form
    return None


def holds(form, value, text):
    """Whether `form_of` gives this form with one more pair as well; None: it is not known yet."""
    if form is None:
        return True
    _, _, plus, minus, signed = form
    known = (plus or text[0] != "+") and (signed or text[0] != minus)
    return known and (minus == MINUS or MINUS not in text) and _reads(value, text, form)


def _reads(value, text, form):
    """Whether a value is written so; next to a tie, its digits may say the one or the other."""
    if not value_of(text):
        text = text.lstrip(f"+-{MINUS}")
        form = *form[:2], False, *form[3:]
    return any(written(value * (1 + tiny), form) == text for tiny in (0, 1e-10, -1e-10))


def value_of(text):
    return float(text.replace(MINUS, "-"))


def logged(value):
    """The logarithm as which a number of varying size is kept; of 0, that of the least there is."""
    return np.log10(max(value, LEAST))


def unlogged(z):
    """The number again, or an array of them; the page's script does the same."""
    return np.where(np.greater(z, -299), np.power(10.0, z), 0.0)[()]


def unit_of(value, form):
    """The worth of the last printed digit; of several values, as an array."""
    kind, digits, *_ = form
    if kind == "f":
        return 10.0**-digits
    size = np.abs(value, dtype=float)
    told = (size > 0) & np.isfinite(size)
    power = np.floor(np.log10(np.where(told, size, 1)))
    return 10.0 ** np.where(told, power - digits + (kind == "g"), -digits)
