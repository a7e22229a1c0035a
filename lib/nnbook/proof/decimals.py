"""Floats as the decimals that they print, and numbers as short text, the same on every machine."""

import mpmath
import sympy as sp
from mpmath.libmp import prec_to_dps, to_str

_LONG = 10**5  # bits of a number that is printed by its logarithm


def exact(number):
    """The shortest decimal that rounds to this SymPy float, as a Rational."""
    prec = number._prec
    for digits in range(max(1, prec_to_dps(prec)), prec_to_dps(prec) + 5):
        text = to_str(number._mpf_, digits, strip_zeros=False)
        if sp.Float(text, precision=prec) == number:
            break
    return sp.Rational(text)


def show(value, digits=6):
    """A number (or a Lambda standing for a function) as short text."""
    if isinstance(value, sp.Lambda):
        return f"({', '.join(map(str, value.variables))} -> {value.expr})"
    if value is sp.nan:
        return "undefined"
    if value.is_Integer and abs(value) < 10**9:
        return str(value)
    if value.is_Rational and max(value.p.bit_length(), value.q.bit_length()) < 2000:
        if abs(value.p) < 10**6 and value.q <= 10**4:
            return str(value)
        significant, power = _scientific(value, 40)
        if sp.Rational(significant) * sp.Rational(10) ** power == value:
            return _fixed(significant, power)
    if value.is_Rational or value.is_Float:
        return _fixed(*_scientific(value, digits))
    return str(value)


def _number(value, prec):
    """The same as a float of mpmath with so many bits."""
    if value.is_Rational:
        with mpmath.workprec(prec):
            return mpmath.mpf(int(value.p)) / int(value.q)
    return value._to_mpmath(max(prec, value._prec))


def _scientific(value, digits):
    """("d.ddd", power of ten): the significant digits, without trailing zeros."""
    if value.is_zero:
        return "0", 0
    with mpmath.workdps(digits + 20):
        number = _number(value, mpmath.mp.prec)
        sign, number, shift = ("-" if number < 0 else ""), abs(number), 0
        size = mpmath.mag(number)
        if abs(size) > _LONG:  # mantissa and power of ten by the logarithm
            with mpmath.workdps(digits + 20 + len(str(abs(size)))):
                logarithm = mpmath.log10(number)
                shift = int(mpmath.floor(logarithm))
                number = mpmath.power(10, logarithm - shift)
        text = to_str(number._mpf_, digits, min_fixed=0, max_fixed=0, show_zero_exponent=True)
    significant, power = text.split("e")
    return sign + significant.rstrip("0").rstrip("."), int(power) + shift


def _fixed(significant, power):
    """12.5 for ("1.25", 1); numbers far from 1 keep their power of ten."""
    if not -5 < power < 9:
        return f"{significant}e{power}"
    sign, digits = ("-" if significant[0] == "-" else ""), significant.lstrip("-").replace(".", "")
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    digits = digits.ljust(power + 1, "0")
    return sign + (digits[: power + 1] + "." + digits[power + 1 :]).rstrip(".")


def show_apart(a, b):
    """Two values as text, with as many digits as it takes to tell them apart."""
    if a is sp.nan or b is sp.nan:
        return [show(a), show(b)]
    if not (a.is_real and b.is_real):
        if a.is_real or b.is_real:
            return [show(x) if x.is_real else "not a real number" for x in (a, b)]
        parts = [show_apart(*both) for both in zip(a.as_real_imag(), b.as_real_imag(), strict=True)]
        return [f"{parts[0][k]} + {parts[1][k]}*I" for k in (0, 1)]
    for digits in (6, 12, 24, 40):
        if _scientific(a, digits) != _scientific(b, digits):
            return [show(x, digits) for x in (a, b)]
    sizes = [x._prec if x.is_Float else 400 for x in (a, b)]
    with mpmath.workprec(max(sizes) + 20):
        if a.is_Rational and b.is_Rational:
            gap = b - a
        else:
            prec = mpmath.mp.prec
            gap = sp.Float(_number(b, prec) - _number(a, prec), precision=prec)
    if gap.is_zero:
        return [show(a, digits), show(b, digits)]
    return [show(a), f"{show(a)} {'+' if gap > 0 else '-'} {show(abs(gap), 3)}"]
