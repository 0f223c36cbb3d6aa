"""HTML as all pages make it: templates escape every word of it, because documents and questions are data."""

from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.sign_in.pages import PAGES
from bot.ui.days import day_said, period_said, published_said, time_said
from bot.ui.highlight import highlighted
from bot.ui.pieces import excerpt_lines, table_lines, table_rows, text_lines
from bot.ui.speech import read_words

SHARED = Path(__file__).parent / "templates"


def templates(folder: Path, words: Path | None = None, up: str = "") -> Environment:
    """Return the templates of a page and those that all share.

    `words` is the page's own `words.toml`, `up` the way from the page to the top of the server, which may hang below a
    path. A template finds its texts in `w`, which is Japanese where it is rendered without another, and the speech in
    `speech`.
    """
    made = Environment(
        loader=FileSystemLoader([folder, SHARED]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.globals.update(
        w=read_words(*filter(None, (words,)))["ja"], speech="ja", highlighted=highlighted, pages=PAGES, up=up
    )
    made.filters.update(period=period_said, published=published_said, day_said=day_said, time=time_said)
    made.filters.update(
        text_lines=text_lines, excerpt_lines=excerpt_lines, table_rows=table_rows, table_lines=table_lines
    )
    made.tests["link"] = is_link
    return made


def is_link(url: str | None) -> bool:
    """Tell whether an address of a manifest may be followed: `javascript:` and its like may not."""
    return url is not None and urlsplit(url).scheme in {"http", "https"}


def plain(text: str) -> str:
    """Return a text as HTML."""
    return escape(text)
