"""HTML as all pages make it: templates escape every word of it, because documents and questions are data."""

import re
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, Undefined
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from bot.escaping import is_web_address
from bot.languages import lead_retold
from bot.pages.days import day_said, fiscal_year_said, period_said, published_said, time_said
from bot.pages.pieces import compared_documents, excerpt_lines, table_lines, table_rows, text_lines
from bot.pages.speech import Speech
from bot.pages.stretches import highlighted

_SHARED = Path(__file__).parent / "templates"


class _Compiled(BytecodeCache):
    """Templates as they were compiled, for all pages of a process: each has the shared ones in an own environment."""

    def __init__(self) -> None:
        self._found: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if found := self._found.get(bucket.key):
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._found[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def templates(folder: Path, up: str = "") -> Environment:
    """Return the templates of a page and those that all share.

    `up` is the way from the page to the top of the server, which may hang below a path. A template finds its texts in
    `w`, which is Japanese where it is rendered without another, and how the page speaks in `speech`.
    """
    made = Environment(
        loader=FileSystemLoader([folder, _SHARED]),
        autoescape=True,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        bytecode_cache=_COMPILED,
    )
    made.globals.update(
        w=Speech().words,
        speech=Speech(),
        attributes=attributes,
        highlighted=highlighted,
        up=up,
    )
    made.filters.update(period=period_said, published=published_said, day_said=day_said, time=time_said)
    made.filters.update(fiscal_year=fiscal_year_said)
    made.filters.update(
        text_lines=text_lines, excerpt_lines=excerpt_lines, table_rows=table_rows, table_lines=table_lines
    )
    made.filters.update(own_words=own_words, compared_documents=compared_documents)
    made.tests["link"] = is_web_address
    return made


def filled(environment: Environment, template: str, /, **values: Any) -> str:
    """Return a template filled in; it finds the components as `ui`, and those of its page's own as `parts`."""
    for name, file in (("ui", "components.html"), ("parts", "parts.html")):
        values[name] = environment.get_template(file).make_module(values)
    return environment.get_template(template).render(values)


def shown(value: Any) -> Any:
    """Return what a template writes for a value: nothing for None, for a list its parts one after another."""
    if type(value) in {list, tuple}:
        return Markup("").join(escape(shown(one)) for one in value)  # its parts are escaped, but for what is HTML
    return "" if value is None else value


def attributes(**given: Any) -> Markup:
    """Return attributes as HTML has them: `_` is `-`, True has no value; None, False and no class are left out."""
    out = Markup("")
    for name, value in given.items():
        if not isinstance(value, Undefined | None) and value is not False and (value or name != "class"):
            out += Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), "" if value is True else value)
    return out


def as_markdown(html: str) -> str:
    """Return HTML, which begins with a block, as Markdown that is this HTML: no line of it may be a blank one.

    What separates tags on lines of their own is one space. Tags are not to be broken over lines.
    """
    return re.sub(r">\s*\n\s*<", "> <", html.strip()).replace("\n", "&#10;")


def plain(text: str) -> str:
    """Return a text as HTML."""
    return str(escape(text))


def own_words(line: str, speech: Speech) -> Markup:
    """Return a line that leads documents' words, as HTML in the reader's language, what it names marked as Japanese."""
    if speech.is_japanese:
        return escape(line)
    # The sentences hold nothing that HTML reads, and the names are escaped here.
    return Markup(lead_retold(line, speech.language, lambda name: f'<span lang="ja">{escape(name)}</span>'))  # noqa: S704
