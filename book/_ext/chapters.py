"""Chapters are counted from 0: the primer is chapter 0, and its figures are 0.1, 0.2, ...

Sphinx counts numbered documents from 1. Here 1 is taken off the first number of every section, of
its entry in the contents and of its title, before figures are numbered after them.
"""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx_external_toc.collectors import TocTreeCollectorWithStyles as Collector


def lowered(number):
    """(3, 2) -> (2, 2), and nothing where there is no number."""
    return number and type(number)([number[0] - 1, *number[1:]])


def assign_from_zero(self, env) -> list[str]:
    changed = assign(self, env)
    for document, numbers in env.toc_secnumbers.items():
        env.toc_secnumbers[document] = {a: lowered(n) for a, n in numbers.items()}
        for reference in env.tocs[document].findall(nodes.reference):
            reference["secnumber"] = lowered(reference.get("secnumber"))
        title = env.titles[document]
        title["secnumber"] = lowered(title.get("secnumber"))
    return changed


assign = Collector.assign_section_numbers


def setup(app: Sphinx) -> dict:
    Collector.assign_section_numbers = assign_from_zero
    return {"parallel_read_safe": True, "parallel_write_safe": True}
