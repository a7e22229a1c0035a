"""The page at the root, which leads to the first one, and the sitemap for search engines: one for
all editions, in which each page names the same one in the other language.
"""

from pathlib import Path
from xml.sax.saxutils import escape

from sphinx.application import Sphinx
from sphinx.locale import _

from language import LANGUAGES, addresses, edition, translated

REDIRECT = """<!DOCTYPE html>
<html lang="{language}">
<meta charset="utf-8">
<title>{title}</title>
<meta http-equiv="refresh" content="0; url={start}">
<link rel="canonical" href="{address}">
<main><h1>{title}</h1><p><a href="{start}">{begin}</a></p></main>
</html>
"""


def urls(app: Sphinx) -> list[str]:
    """An entry per page and edition."""
    found = []
    for page in sorted(app.env.found_docs):
        there = addresses(app, page)
        links = "".join(
            f'<xhtml:link rel="alternate" hreflang="{language}" href="{escape(address)}"/>'
            for language, address in there.items()
            if len(there) > 1
        )
        found += [f"<url><loc>{escape(address)}</loc>{links}</url>" for address in there.values()]
    return found


def write_files(app: Sphinx, exception) -> None:
    if exception or app.builder.format != "html":
        return
    out, start, base = Path(app.outdir), f"{app.config.root_doc}.html", app.config.html_baseurl
    if app.config.root_doc != "index":
        title, language = escape(app.config.html_title), LANGUAGES[edition(app)]
        about = {"title": title, "language": language, "begin": _("Begin here")}
        redirect = REDIRECT.format(start=start, address=base + start, **about)
        (out / "index.html").write_text(redirect, encoding="utf-8")
    if base and not translated(app):
        found = "\n".join(urls(app))
        (out / "sitemap.xml").write_text(
            '<?xml version="1.0" encoding="utf-8"?>\n'
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
            f'xmlns:xhtml="http://www.w3.org/1999/xhtml">\n{found}\n</urlset>\n',
            encoding="utf-8",
        )
        (out / "robots.txt").write_text(
            f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n", encoding="utf-8"
        )


def setup(app: Sphinx) -> dict:
    app.connect("build-finished", write_files, priority=980)  # after the table of contents' own
    return {"parallel_read_safe": True}
