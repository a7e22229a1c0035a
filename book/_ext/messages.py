"""What is language: whether a text has to be said in another one, or is the same in all."""

import re

WORD = re.compile(r"[A-Za-z]{2,}")
# Formulas, code, links without words, places for numbers, claims' names, names of functions.
SILENT = re.compile(
    r"\$[^$]*\$"
    r"|(?<!\})`[^`]*`|\{(?:cite|doc|ref|numref|eq)[\w:]*\}`[^`<]*`"
    r"|<code.*?</code>|</?[a-z][^>]*>|\]\([^)]*\)|https?://\S+"
    r"|\b[A-Z]{2}-\d+|\d(?:\.\d+)?e[-+−]?\d+"
    r"|\b(?:arcosh|artanh|arcsin|cosh|cos|diag|erfc?|exp|log|max|min|sign|sin|sqrt|tanh|tan|beta|alpha"
    r"|relu|ReLU|leaky_relu|elu|ELU|SELU|gelu_tanh|gelu|GELU|swish|Swish|SiLU|softplus|softmax|sigmoid"
    r"|AdamW?|SGD|RMSProp|RMSprop|Adagrad|NumPy|PyTorch|Keras|JAX|SymPy|Xavier|Kaiming)\b"
)


def speaks(text: str) -> bool:
    """Whether there is a word in it that is not the same in every language."""
    return bool(WORD.search(SILENT.sub(" ", text)))


# Words in formulas, and what looks like one and is an index.
FORMULA_WORDS = re.compile(r"\\text\{([^{}]*)\}")
INDICES = {"in", "out", "wd", "val", "train"}


def words_in(formula: str) -> list[str]:
    """Of "(\\text{slope of }u)^2": slope of"""
    found = (words.strip() for words in FORMULA_WORDS.findall(formula))
    return [words for words in found if speaks(words) and words not in INDICES]


def say_formula(formula: str, say) -> str:
    """The formula with its words said anew."""

    def said(found) -> str:
        words = found[1].strip()
        return found[0].replace(words, say(words)) if words_in(found[0]) else found[0]

    return FORMULA_WORDS.sub(said, formula)
