"""The Jinja environment of all pages, with autoescaping, and HTML helpers."""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Undefined
from markupsafe import Markup, escape

from bot.answering.languages import LANGUAGES, catalogue, format_date
from bot.answering.rendering.date_format import (
    format_day,
    format_document_date,
    format_fiscal_year,
    format_period,
    format_time,
)
from bot.answering.rendering.escaping import is_web_address
from bot.answering.rendering.help_lines import call_terms, urgent_help
from bot.answering.state import Excerpt, HelpLines
from bot.channels.html.answer_parts import (
    compared_documents,
    excerpt_lines,
    help_parts,
    notice_text_beside,
    plain_lines,
    shown_outcome,
    source_line,
    source_text,
    text_lines,
)
from bot.channels.html.display_preferences import DisplayPreferences
from ingest.japanese.word_differences import TextSpan

SHARED_FILES = Path(__file__).parent / "static"
"""The folder of the files that pages share."""


def join_assets(folder: Path, *names: str) -> str:
    """Return the files by name, joined: those in `folder`, else the shared ones; later files may use earlier ones."""
    return "\n".join(
        next(filter(Path.exists, (folder / name, SHARED_FILES / name))).read_text("utf-8") for name in names
    )


_SHARED_TEMPLATES = Path(__file__).parent / "templates"


def make_environment(folder: Path, up: str = "") -> Environment:
    """Return the environment of a page's templates and the shared ones.

    `up` is the relative path from the page to the root of the server. A template has the texts of the language in `w`
    and the reader's choices in `preferences`; both are Japanese by default.
    """
    made = Environment(
        loader=FileSystemLoader([folder, _SHARED_TEMPLATES]),
        autoescape=True,
        finalize=finalize_value,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.globals.update(
        w=DisplayPreferences().words,
        tags={language: catalogue(language)["tag"] for language in LANGUAGES},
        preferences=DisplayPreferences(),
        attributes=attributes,
        highlighted=highlight_quote,
        up=up,
    )
    made.filters.update(period=format_period, published=format_date, day_said=format_day, time=format_time)
    made.filters.update(document_date=format_document_date)
    made.filters.update(fiscal_year=format_fiscal_year)
    made.filters.update(
        text_lines=text_lines,
        plain_lines=plain_lines,
        source_line=source_line,
        source_text=source_text,
        excerpt_lines=excerpt_lines,
        notice_text_beside=notice_text_beside,
    )
    made.filters.update(
        compared_documents=compared_documents,
        help_parts=help_parts,
        shown_outcome=shown_outcome,
        urgent_help=urgent_help,
        call_terms=call_terms,
    )
    made.tests.update(
        link=is_web_address,
        excerpt=lambda part: isinstance(part, Excerpt),
        help_lines=lambda part: isinstance(part, HelpLines),
    )
    return made


def render_template(environment: Environment, template: str, /, **values: Any) -> str:
    """Return a rendered template; it has the shared components in `ui` and those of its page in `parts`."""
    for name, file in (("ui", "components.html"), ("parts", "parts.html")):
        values[name] = environment.get_template(file).make_module(values)
    return environment.get_template(template).render(values)


def finalize_value(value: Any) -> Any:
    """Return the output for a value: "" for None, the joined items for a list."""
    if type(value) in {list, tuple}:
        return Markup("").join(escape(finalize_value(item)) for item in value)  # `escape` leaves Markup as it is
    return "" if value is None else value


def attributes(**values: Any) -> Markup:
    """Return HTML attributes: `_` becomes `-`, True has no value; None, False and an empty class are left out."""
    out = Markup("")
    for name, value in values.items():
        if not isinstance(value, Undefined | None) and value is not False and (value or name != "class"):
            out += Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), "" if value is True else value)
    return out


def highlight_quote(passage: str, quote: str) -> tuple[TextSpan, ...]:
    """Split a passage into spans with the quote highlighted.

    Where the passage no longer contains the quote, because its document was replaced, only the quote is returned.
    """
    if not quote:
        return (TextSpan(passage, is_marked=False),)
    before, marked, after = passage.partition(quote)
    if not marked:
        return (TextSpan(quote, is_marked=True),)
    spans = (TextSpan(before, is_marked=False), TextSpan(marked, is_marked=True), TextSpan(after, is_marked=False))
    return tuple(span for span in spans if span.text)


def html_to_markdown(html: str) -> str:
    """Return HTML that begins with a block element as a Markdown HTML block, which must not contain blank lines.

    Tags must not be broken over lines.
    """
    return re.sub(r">[^\S\n]*+\n\s*+<", "> <", html.strip()).replace("\n", "&#10;")
