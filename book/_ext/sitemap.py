"""The page at the root, which leads to the first one, and the sitemap for search engines."""

from pathlib import Path
from xml.sax.saxutils import escape

from sphinx.application import Sphinx

REDIRECT = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<meta http-equiv="refresh" content="0; url={start}">
<link rel="canonical" href="{address}">
<main><h1>{title}</h1><p><a href="{start}">Begin here</a></p></main>
</html>
"""


def write_files(app: Sphinx, exception) -> None:
    if exception or app.builder.format != "html":
        return
    out, start, base = Path(app.outdir), f"{app.config.root_doc}.html", app.config.html_baseurl
    if app.config.root_doc != "index":
        (out / "index.html").write_text(
            REDIRECT.format(title=escape(app.config.html_title), start=start, address=base + start),
            encoding="utf-8",
        )
    if base:
        pages = sorted(app.env.found_docs)
        urls = "\n".join(f"<url><loc>{escape(base + page)}.html</loc></url>" for page in pages)
        (out / "sitemap.xml").write_text(
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}\n</urlset>\n',
            encoding="utf-8",
        )


def setup(app: Sphinx) -> dict:
    app.connect("build-finished", write_files, priority=980)  # after the table of contents' own
    return {"parallel_read_safe": True}
