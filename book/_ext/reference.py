"""The library reference: public names with signature, docstring, and the place that derives them.

    ```{library} losses
    :chapter: 06-losses
    :without: names that serve other modules only

    mse: four ways
    ```

lists the module nnbook.losses in the order of its source. Docstrings are plain text for a terminal:
a formula, paragraphs, aligned blocks, indented code; `blocks` takes them apart. The link of an
entry leads to the first section that names it in its heading, else in its code, else in its prose,
in the module's own chapter if it can be there. A line `name: words` says what to look for instead:
words of a heading, or another public name. A name without a place stops the build.
"""

import ast
import importlib
import inspect
import re
from types import FunctionType
from typing import NamedTuple

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.domains.python import PythonDomain
from sphinx.errors import ExtensionError
from sphinx.locale import _
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective
from sphinx.util.inspect import signature, stringify_signature

# Public names ----------------------------------------------------------------------------------


def public(module) -> dict[str, object]:
    """Functions, classes and records defined in the module, and constants with a `#:` comment."""
    documented = constants(module)
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (name in documented or getattr(value, "__module__", None) == module.__name__)
    }


def constants(module) -> dict[str, str]:
    found = ModuleAnalyzer.for_module(module.__name__)
    found.analyze()
    return {name: "\n".join(doc) for (owner, name), doc in found.attr_docs.items() if not owner}


def members(value) -> dict[str, object]:
    """The documented methods and properties of a class; of a function, those hung on it (`vjp`)."""
    if not isinstance(value, type | FunctionType):
        return {}  # a record: its methods are those of its class
    kinds = (FunctionType, classmethod, property) if isinstance(value, type) else FunctionType
    return {
        name: getattr(value, name)
        for name, member in vars(value).items()
        if not name.startswith("_") and isinstance(member, kinds) and inspect.getdoc(member)
    }


# Docstrings ------------------------------------------------------------------------------------

ENTRY = re.compile(r"(\S+(?: \S+)*) {2,}\S")
ARGUMENT = re.compile(r"(\w+): (.*)")


def blocks(doc: str) -> list[tuple[str, object]]:
    """("text", str), ("code", str), ("items", [str]) or ("terms", [(term, str)]), in order."""
    found = []
    for chunk in re.split(r"\n\s*\n", doc.strip("\n")):
        lines = chunk.splitlines()
        indent = min(len(line) - len(line.lstrip()) for line in lines)
        lines = [line[indent:].rstrip() for line in lines]
        if terms := aligned(lines) or arguments(lines):
            found.append(("terms", terms))
        elif indent:
            found.append(("code", "\n".join(lines)))
        else:
            found += paragraphs(lines)
    return found


def aligned(lines: list[str]) -> list[tuple[str, str]]:
    """`name   description` in two columns or more, continued below the description."""
    first = ENTRY.match(lines[0])
    if not first:
        return []
    column, terms = first.end() - 1, []
    for line in lines:
        term, gap, text = line[: column - 2].strip(), line[column - 2 : column], line[column:]
        if gap.strip() or not text or (term and line[0] == " "):
            return []
        if term:
            terms.append((term, re.sub(" {3,}", ": ", text.strip())))
        else:
            terms[-1] = (terms[-1][0], f"{terms[-1][1]} {text.strip()}")
    return terms if len(terms) > 1 else []


def arguments(lines: list[str]) -> list[tuple[str, str]]:
    """`name: description` on every line that is not indented."""
    terms = []
    for line in lines:
        if found := ARGUMENT.fullmatch(line):
            terms.append(found.groups())
        elif line[0] == " " and terms:
            terms[-1] = (terms[-1][0], f"{terms[-1][1]} {line.strip()}")
        else:
            return []
    return terms if len(terms) > 1 else []


def paragraphs(lines: list[str]) -> list[tuple[str, object]]:
    """Paragraphs and lists; a source begins a paragraph of its own."""
    found = []
    for line in lines:
        kind = found[-1][0] if found else ""
        if line.startswith("- "):
            if kind != "items":
                found.append(("items", []))
            found[-1][1].append(line[2:])
        elif kind == "items" and line[0] == " ":
            found[-1][1][-1] += f" {line.strip()}"
        elif kind == "text" and not re.match("Sources?:", line):
            found[-1] = ("text", f"{found[-1][1]} {line}")
        else:
            found.append(("text", line))
    return found


INLINE = re.compile(r"`([^`]+)`|(?<!\S)\*(\w+)\*(?!\w)")


def inline(text: str) -> list[nodes.Node]:
    """`code`, which becomes a link if the module has an entry of that name, and *emphasis*."""
    found, end = [], 0
    for match in INLINE.finditer(text):
        found.append(nodes.Text(text[end : match.start()]))
        code, stressed = match.groups()
        found.append(nodes.literal(code, code) if code else nodes.emphasis(stressed, stressed))
        end = match.end()
    return [*found, nodes.Text(text[end:])]


def described(doc: str, module: str) -> list[nodes.Node]:
    """A docstring as nodes."""

    def paragraph(text: str, **attributes) -> nodes.paragraph:
        # Quotation marks are those of code: "mean". The module stays where words are translated.
        found = nodes.paragraph(text, "", *inline(text), nn_module=module, **attributes)
        found["support_smartquotes"] = False
        return found

    found = []
    for kind, content in blocks(doc):
        if kind == "text":
            source = re.match(r"Sources?( of [\w ]+)?:", content)
            found.append(paragraph(content, classes=["nn-source"] if source else []))
        elif kind == "items":
            items = [nodes.list_item("", paragraph(item)) for item in content]
            found.append(nodes.bullet_list("", *items))
        elif kind == "terms":
            found.append(nodes.definition_list("", classes=["nn-terms"]))
            for term, text in content:
                name = nodes.literal(term, term) if "=" in term else nodes.Text(term)
                found[-1] += nodes.definition_list_item(
                    "", nodes.term("", "", name), nodes.definition("", paragraph(text))
                )
        else:
            found.append(nodes.literal_block(content, content, language=language(content)))
    return found


def language(code: str) -> str:
    try:
        ast.parse(code)
    except SyntaxError:
        return "text"
    return "python"


def typeset(formula) -> nodes.Node:
    """What a `Formula` states: its expression, and the derivative that SymPy finds."""
    import sympy as sp  # here, since most builds do without

    def latex(expr) -> str:
        decimal = {r: sp.Float(r, 6) for r in expr.atoms(sp.Rational) if r.q > 1000}
        return sp.latex(expr.xreplace(decimal), symbol_names=words)

    words = {s: rf"\mathrm{{{s.name}}}\,".replace("_", r"\_")
             for s in formula.expr.free_symbols if "_" in s.name}  # fmt: skip
    name = rf"\operatorname{{{formula.name}}}".replace("_", r"\_")
    both = rf"""\begin{{aligned}}
        {name}({formula.symbol}) &= {latex(formula.expr)} \\[6pt]
        {name}'({formula.symbol}) &= {latex(formula.dexpr)}
        \end{{aligned}}"""
    return nodes.math_block(both, both, nowrap=False, number=None, label=None)


# The page --------------------------------------------------------------------------------------


class place(nodes.Inline, nodes.Element):
    """Stands where the link to a chapter will be."""


class Library(SphinxDirective):
    required_arguments = 1
    has_content = True
    option_spec = {"chapter": directives.unchanged_required, "without": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        module = importlib.import_module(f"nnbook.{self.arguments[0]}")
        self.env.note_dependency(module.__file__)
        self.env.note_dependency(__file__)
        without = self.options.get("without", "").split()
        sought = dict(line.split(": ") for line in self.content if line.strip())
        entries = {k: v for k, v in public(module).items() if k not in without}
        if unknown := {*without, *sought} - public(module).keys():
            raise self.error(f"{module.__name__} has no public {', '.join(sorted(unknown))}")
        self.module, self.constants = module.__name__, constants(module)
        wanted = self.env.nn_wanted.setdefault(self.env.docname, {})
        groups: dict[str, list[str]] = {}  # constants that share a comment share an entry
        for name in entries:
            groups.setdefault(self.constants.get(name, name), []).append(name)
        for name in (names[0] for names in groups.values()):
            chapter = f"book/{self.options['chapter']}"
            wanted[f"{self.module}.{name}"] = (chapter, sought.get(name, name))
        shown = [self.entry(names, entries[names[0]]) for names in groups.values()]
        return [
            *described(inspect.getdoc(module), self.module),
            self.contents(entries),
            *sum(shown, []),
        ]

    def contents(self, entries) -> nodes.Node:
        links = []
        for name in entries:
            code = nodes.literal(name, name)
            target = f"{self.module}.{name}"
            links += [nodes.reference("", "", code, refid=target, internal=True), nodes.Text(" ")]
        return nodes.line_block("", nodes.line("", "", *links), classes=["nn-names"])

    def entry(self, names: list[str], value) -> list[nodes.Node]:
        name, doc = names[0], inspect.getdoc(value)
        if name in self.constants:
            kind, doc = "data", self.constants[name]
        elif isinstance(value, type) and issubclass(value, Exception):
            kind = "exception"
        else:
            kind = "class" if isinstance(value, type) else "function"
            names = [name + arguments_of(value)]
        content = described(doc or "", self.module)
        if hasattr(value, "dexpr") and not isinstance(value, type):
            content.insert(1, typeset(value))
        here = place(name=f"{self.module}.{name}")
        content.append(nodes.paragraph("", "", here, classes=["nn-place"]))
        for member, method in members(value).items():
            content += self.member(name, member, method, isinstance(value, type))
        shown = repr(value) if kind == "data" and isinstance(value, tuple) else ""
        return self.object(kind, names, content, {"value": shown} if 0 < len(shown) < 60 else {})

    def member(self, owner: str, name: str, value, of_class: bool) -> list[nodes.Node]:
        kind = "property" if isinstance(value, property) else "method"
        if inspect.ismethod(value):
            kind = "classmethod"
        written = "" if kind == "property" else arguments_of(value, kind == "method" and of_class)
        content = described(inspect.getdoc(value), self.module)
        return self.object(kind, [f"{owner}.{name}{written}"], content)

    def object(self, kind: str, signatures: list[str], content: list[nodes.Node], more=()):
        """An entry as Sphinx's Python domain makes it, with an anchor and a place in the search."""
        options = {"module": self.module, "no-index-entry": True, **dict(more)}

        class Described(PythonDomain.directives[kind]):
            def transform_content(self, node) -> None:
                node += content

        lines = "\n".join(signatures)
        return Described(
            f"py:{kind}",
            [lines],
            options,
            StringList(),
            self.lineno,
            self.content_offset,
            lines,
            self.state,
            self.state_machine,
        ).run()


def arguments_of(value, bound: bool = False) -> str:
    return stringify_signature(signature(value, bound_method=bound), show_annotation=False)


# Places in the chapters ------------------------------------------------------------------------

LAST = re.compile("exercise|further-reading|what-the-notes-say")  # anchors, also in translations


class Section(NamedTuple):
    anchor: str
    title: str
    kind: int  # 0 for the text, 1 for exercises and the like, 2 for the opening
    uses: dict  # {name: 1 in code, 2 in folded code, 3 in prose}; in code by its full name


def sections_of(doctree: nodes.document) -> list[Section]:
    """The sections of a chapter in order, each without those inside it."""
    trees = {block: tree for block in doctree.findall(is_input) if (tree := parsed(block))}
    imported = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nnbook")
        for alias in node.names
    }
    found = []
    for section in doctree.findall(nodes.section) if trees else ():
        title = section.next_node(nodes.title).astext()
        uses = {}
        for part in section.children:
            if isinstance(part, nodes.section):
                continue
            for literal in part.findall(nodes.literal):
                uses |= dict.fromkeys(re.findall(r"[A-Za-z_]\w*", literal.astext()), 3) | uses
            for block in filter(trees.get, part.findall(is_input)):
                folded = re.search("hide|solution", " ".join(block.parent.parent["classes"]))
                for full in names_in(trees[block], imported):
                    uses[full] = min(uses.get(full, 3), 2 if folded else 1)
        anchor = section["ids"][0]
        kind = 2 if not found else int(bool(LAST.match(anchor)))
        found.append(Section(anchor, title, kind, uses))
    return found


def is_input(node: nodes.Node) -> bool:
    return isinstance(node, nodes.literal_block) and "cell_input" in node.parent.get("classes", [])


def parsed(block: nodes.literal_block) -> ast.AST | None:
    try:
        return ast.parse(block.astext())
    except SyntaxError:
        return None


def names_in(tree: ast.AST, imported: dict[str, str]) -> set[str]:
    """Full names of what the code uses of the library: `fit` and `networks.fit`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.add(f"{imported.get(node.value.id)}.{node.attr}")
        elif isinstance(node, ast.Name):
            found.add(imported.get(node.id))
    return found - {None}


def find(env, full: str, chapter: str, words: str) -> tuple[str, Section] | None:
    """The chapter and the section where a name is introduced: see the head of this file."""
    module, _, name = full.rpartition(".")
    names = {full, name} if words == name else set()
    for other in (f"{module}.{words}", f"nnbook.{words}"):
        if other in env.domaindata["py"]["objects"]:
            names = {other, other.rpartition(".")[2]}
    wanted = re.findall(r"[^\W_]+", words.lower())
    found = []
    for docname, sections in sorted(env.nn_sections.items()):
        for number, section in enumerate(sections):
            said = f"{section.title} {section.anchor}"  # a translated title keeps its anchor
            title = re.findall(r"[^\W_]+", said.lower())
            rank = min((section.uses[each] for each in names & section.uses.keys()), default=9)
            if docname == chapter and all(w in title or f"{w}s" in title for w in wanted):
                rank = 0
            if rank < 9:
                order = (docname != chapter, section.kind, rank, docname, number)
                found.append((order, docname, section))
    return min(found)[1:] if found else None


def note_sections(app: Sphinx, doctree: nodes.document) -> None:
    if sections := sections_of(doctree):
        app.env.nn_sections[app.env.docname] = sections


def prepare(app: Sphinx, env, *changed) -> None:
    for name in ("nn_sections", "nn_wanted", "nn_places"):
        if not hasattr(env, name):
            setattr(env, name, {})


def forget(app: Sphinx, env, docname: str) -> None:
    for name in ("nn_sections", "nn_wanted"):
        getattr(env, name, {}).pop(docname, None)


def find_places(app: Sphinx, env) -> list[str]:
    """Look all names up; a page is written again when a link of it is another one than before."""
    stale = []
    for page, wanted in env.nn_wanted.items():
        places, without = {}, []
        for full, (chapter, words) in wanted.items():
            found = find(env, full, chapter, words)
            if found is None:
                without.append(f"{full} (looked for {words!r})")
                continue
            docname, section = found
            number = ".".join(map(str, env.toc_secnumbers.get(docname, {}).get("", ())))
            places[full] = (docname, section.anchor, number, section.title)
        if without:
            raise ExtensionError(f"{page}: no section of a chapter names {', '.join(without)}")
        if env.nn_places.get(page) != places:
            env.nn_places[page] = places
            stale.append(page)
    return stale


def add_links(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if docname not in app.env.nn_wanted:
        return
    objects = app.env.domaindata["py"]["objects"]
    classes = {name.rpartition(".")[2]: name for name, o in objects.items() if o.objtype == "class"}
    for node in list(doctree.findall(place)):
        chapter, anchor, number, title = app.env.nn_places[docname][node["name"]]
        address = app.builder.get_relative_uri(docname, chapter)
        link = nodes.reference("", title, refuri=f"{address}#{anchor}", internal=True)
        said = _("Chapter {0}: ").format(number) if number else ""
        node.parent.replace(node, [nodes.Text(said), link])
    for paragraph in doctree.findall(lambda node: "nn_module" in getattr(node, "attributes", ())):
        module = paragraph["nn_module"]
        for node in list(paragraph.findall(nodes.literal)):
            code = node.astext()
            full = (f"{module}.{code}", f"nnbook.{code}", classes.get(code))
            if target := next((objects[name] for name in full if name in objects), None):
                link = nodes.reference("", "", refid=target.node_id, internal=True)
                node.parent.replace(node, link)
                link += node


def setup(app: Sphinx) -> dict:
    app.add_directive("library", Library)
    app.add_node(place)
    app.connect("env-before-read-docs", prepare)
    app.connect("env-purge-doc", forget)
    app.connect("doctree-read", note_sections)
    app.connect("env-get-updated", find_places, priority=900)  # when chapters have their numbers
    app.connect("doctree-resolved", add_links)
    return {"env_version": 2, "parallel_read_safe": False}
