"""The LaTeX of the cheat sheet, read back: a parser for what `notation` writes.

`reread(latex)` gives the text that `notation.parse` takes. It knows no SymPy and none of the
printer, so that an error in the printer, a lost bracket, comes back as another formula.
"""

import re

TOKEN = re.compile(r"\\[a-zA-Z]+|\\[\\,]|\d+(?:\.\d+)?|[^\s]")
GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "varepsilon": "ε", "eta": "η"}
GREEK |= {"theta": "θ", "lambda": "λ", "sigma": "σ", "tau": "τ", "Phi": "Φ", "varphi": "φ"}
FUNCTIONS = {"σ", "Φ", "φ", "D", "Q1", "Q3", "max", "min", "log", "tanh", "cos"}
FUNCTIONS |= {"sign", "erf", "median", "Var"}
RELATIONS = {"<": "<", ">": ">", r"\le": "<=", r"\ge": ">=", "=": "==", r"\ne": "!="}
END = {"}", ")", "]", r"\right", r"\rvert", r"\rVert", ",", "&", r"\\", r"\end", "+", "-", "/"}
END |= set(RELATIONS) | {r"\cdot", None}


class _Reader:
    def __init__(self, latex):
        self.tokens = TOKEN.findall(latex)

    @property
    def next(self):
        return self.tokens[0] if self.tokens else None

    def take(self, *wanted):
        token = self.tokens.pop(0)
        assert not wanted or token in wanted, f"{token} where {wanted} is wanted: {self.tokens}"
        return token

    def group(self):
        self.take("{")
        inside = self.sum()
        self.take("}")
        return inside

    def sum(self):
        text = "-" + self.term() if self.next == "-" and self.take() else self.term()
        while self.next in ("+", "-"):
            text += f" {self.take()} {self.term()}"
        return text

    def term(self):
        """Factors side by side, up to a slash the dividend; the divisor is a single factor."""
        factors = []
        while self.next not in END:
            factors.append(self.factor())
            if self.next == r"\cdot":
                self.take()
                factors.append(f"dot({factors.pop()}, {self.factor()})")
        text = "*".join(factors)
        if self.next == "/":
            self.take()
            text = f"{text}/({self.factor()})"
        return text

    def factor(self):
        atom = self.atom()
        if self.next == "^":
            self.take()
            atom = f"({atom})**({self.group()})"
        return atom

    def atom(self):
        token = self.take()
        if token in (r"\frac", r"\tfrac"):
            return f"(({self.group()})/({self.group()}))"
        if token == r"\sqrt":
            return f"sqrt({self.group()})"
        if token in ("(", r"\left"):
            return f"({self.inside(token)})"
        if token in (r"\lvert", r"\lVert"):
            inside, name = self.sum(), {r"\lvert": "abs", r"\lVert": "norm"}[token]
            self.take(r"\rvert", r"\rVert")
            return f"{name}({inside})"
        if token == "[":
            left = self.sum()
            self.take(">")
            right = self.sum()
            self.take("]")
            return f"on({left})" if right == "0" else f"on({left} - ({right}))"
        if token == r"\overline":
            return f"mean({self.group()})"
        if token == r"\begin":
            return self.cases()
        if token == "{":  # of a sum
            self.take(r"\textstyle")
            self.take(r"\sum")
            index = self.take("_") and self.letters() if self.next == "_" else None
            self.take("}")
            if index is None:
                self.take(r"\,")
                return f"total({self.term()})"
            return f"Σ({self.term()}, {index})"
        if token == "e":
            self.take("^")
            return f"exp({self.group()})"
        if token == r"\operatorname":
            return self.applied(self.letters())
        if token == r"\hat":
            return f"{self.take()}_hat"
        if token[0].isdigit():
            return token
        return self.name(GREEK.get(token[1:], token[1:]) if token[0] == "\\" else token)

    def inside(self, bracket):
        if bracket == r"\left":
            self.take("(")
        text = self.sum()
        while self.next == ",":
            self.take()
            text += f", {self.sum()}"
        if bracket == r"\left":
            self.take(r"\right")
        self.take(")")
        return text

    def letters(self):
        self.take("{")
        text = ""
        while self.next != "}":
            text += self.take()
        self.take("}")
        return text

    def name(self, name):
        if self.next == "'":
            self.take()
            return f"d{name}"
        if self.next == "_":
            self.take()
            name = self.index(name)
        applied = name in FUNCTIONS and (len(name) > 1 or self.next == "(")
        return self.applied(name) if applied else name

    def index(self, name):
        """x[i] and W[i, j] for x_{i} and W_{ij}, n_in for n_\text{in}, s_pos for s_+, Q1, β_1."""
        if self.next == "{":
            at = ", ".join(self.letters())
            return f"KroneckerDelta({at})" if name == "δ" else f"{name}[{at}]"
        below = self.take()
        if below == r"\text":
            return f"{name}_{self.letters()}"
        if below.isdigit():
            return f"{name}_{below}" if name == "β" else f"{name}{below}"
        return name + {"+": "_pos", "-": "_neg"}[below]

    def applied(self, name):
        power = self.take("^") and self.group() if self.next == "^" else None
        if self.next in ("(", r"\left"):
            given = self.inside(self.take())
        else:
            given = self.term() if self.next == "{" else self.atom()
        if name == "max" and "," in given:
            name = "Max"
        return f"{name}({given})**({power})" if power else f"{name}({given})"

    def cases(self):
        assert self.letters() == "cases"
        rows = []
        while True:
            value = self.sum()
            self.take("&")
            if self.next == r"\text":
                self.take()
                assert self.letters() == "else"
                condition = None
            else:
                left = self.sum()
                sign = RELATIONS[self.take()]
                condition = (left, sign, self.sum())
            rows.append((value, condition))
            if self.next == r"\\":
                del self.tokens[:7]  # with its distance, [-1pt]
                continue
            if self.take(r"\end"):
                assert self.letters() == "cases"
                break
        (a, (left, sign, right)), (b, last) = rows
        opposite = {"<": ">=", ">": "<=", "<=": ">", ">=": "<"}
        assert last is None or last == (left, opposite[sign], right)
        when = f"Eq({left}, {right})" if sign == "==" else f"{left} {sign} {right}"
        return f"cases({a}, {when}, {b})"


def reread(latex):
    reader = _Reader(latex)
    text = reader.sum()
    assert reader.next is None, f"{reader.tokens} left over"
    return text
