"""A cited passage as source text: its clauses, headings and document data.

A statement must follow from the passages that it cites: textual entailment (Dagan et al. 2006, "The PASCAL Recognising
Textual Entailment Challenge"), where the source text is the premise and the statement the hypothesis.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from bot.guardrails.prompt_injection import remove_instructions
from ingest.documents import Document, Passage
from ingest.japanese.figures import Figure, figures, normalise_text
from ingest.japanese.notation import BRACKETED_WEEKDAYS, ERA
from ingest.japanese.partial_dates import Time, times
from ingest.japanese.sentences import split_document_sentences
from ingest.japanese.tokenise import morphemes

# Markers at the start of a line: heading, item, number, note.
_MARKER = re.compile(r"\s*(?:([■□◆◇●◯○◎★☆▼▽▲△▶▷❖♦【〔<])|[-–]?\s?([・•✓✔➢*]|-(?=\s))|(\(\d{1,2}\))|(※))\s*")
_ITEM, _NUMBER, _NOTE = "item", "number", "note"
_SOME_YEAR = 2001
_LABEL = re.compile(r"[^\s:。、]{1,12}:\s*(?=\S)")
_TIME = rf"(?:午[前後]|夕方|夜|[\d年月日度元時分半:/]|{ERA}|翌|{BRACKETED_WEEKDAYS})+"
_SPAN = re.compile(rf"{_TIME}\s?(?:~|から)\s?{_TIME}")
# Separators of sub-clauses, each with its own figure.
_SEAM = re.compile(r"[、。;；\t]|,(?!\d)|(?<!\d),|(?<!\d)/(?!\d)|\s+(?=\S)|(?<=\))(?=\()|(?<=[^\d(])(?=\(\d{1,2}\))")


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a passage between separators, with its `line` or sentence and its `heads`, innermost first."""

    text: str
    line: str
    heads: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceText:
    """A passage with its headings and its document's title, aliases, issuer and publication date (YYYY-MM-DD).

    `cells` are (column, value) pairs of a table row. All but `text` may be empty.
    """

    text: str
    path: tuple[str, ...] = ()
    title: str = ""
    aliases: tuple[str, ...] = ()
    issuer: str = ""
    published: str = ""
    cells: tuple[tuple[str, str], ...] = ()

    @cached_property
    def body(self) -> str:
        """The passage's words, normalised, without instructions to the model."""
        return remove_instructions("\t".join(map(normalise_text, self.text.split("\t"))))

    @cached_property
    def heading(self) -> str:
        """Title, issuer, headings and column heads, one per line."""
        columns = [column for column, _ in self.cells]
        return normalise_text("\n".join([self.title, self.issuer, *self.path, *columns]))

    @cached_property
    def whole(self) -> str:
        """Heading and body."""
        return f"{self.heading}\n{self.body}"

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """The clauses of the body."""
        return tuple(_cell_clauses(self) if self.cells else _text_clauses(self.body))

    @cached_property
    def letters(self) -> str:
        """Heading, body and aliases without white space in lower case, to compare names."""
        return squash(f"{self.whole}\n{' '.join(map(normalise_text, self.aliases))}")

    @cached_property
    def words(self) -> frozenset[str]:
        """The content words of heading and body."""
        return content_words(self.whole)

    @cached_property
    def figures(self) -> Sequence[Figure]:
        """The figures of heading and body."""
        return [*figures(self.heading), *figures(self.body)]

    @cached_property
    def times(self) -> Sequence[Time]:
        """The dates of heading and body; the end of a month (12月末) also as its last day."""
        return [*times(self.heading), *times(self.body), *period_ends(times(self.body), self.body)]

    @cached_property
    def spans(self) -> Sequence[str]:
        """The spans between times of day or dates in the body: 10時~11時半, 4月1日(火)~6日."""
        return [match[0] for match in _SPAN.finditer(self.body)]

    def has_letters(self, quote: str) -> bool:
        """Whether the quote occurs letter for letter, ignoring white space, … and table rules."""
        own = [_RULES.sub("", squash(text)) for text in (self.whole, self._row)]
        parts = [_RULES.sub("", squash(normalise_text(part))) for part in _LEFT_OUT.split(quote)]
        return any(parts) and all(any(part in letters for letters in own) for part in parts)

    @property
    def _row(self) -> str:
        return normalise_text("".join(value for _, value in self.cells))


_RULES, _LEFT_OUT = re.compile(r"[|｜]"), re.compile(r"…+|\.{3,}|[(（]中略[)）]")


def period_ends(times_of_text: Sequence[Time], text: str) -> Iterator[Time]:
    """Yield the last days of months and fiscal years that `text` ends with 末: 12月末, 令和7年度末."""
    for time in (time for time in times_of_text if text.startswith("末", time.end) and time.day is None):
        if time.fiscal and time.year:
            yield replace(time, year=time.year + 1, month=3, day=31, fiscal=False)
        elif time.month:
            yield replace(time, day=monthrange(time.year or _SOME_YEAR, time.month)[1])


def to_source_text(passage: Passage, document: Document | None = None) -> SourceText:
    """Return a passage of the index as source text."""
    cells = tuple((cell.column, cell.value) for cell in passage.cells)
    if document is None:
        return SourceText(passage.text, passage.path, cells=cells)
    return _cached_source_text(passage, document)


@lru_cache(maxsize=4096)
def _cached_source_text(passage: Passage, document: Document) -> SourceText:
    cells = tuple((cell.column, cell.value) for cell in passage.cells)
    aliases, issuer = document.aliases, document.issuer
    return SourceText(passage.text, passage.path, document.title, aliases, issuer, document.published, cells)


def squash(text: str) -> str:
    """Return normalised `text` without white space and in lower case."""
    return "".join(text.split()).casefold()


@lru_cache(maxsize=16384)
def content_words(text: str) -> frozenset[str]:
    """Return the normal forms of the content words of normalised `text`, without numerals and their counters."""
    return frozenset(
        m.normal.casefold()
        for m in morphemes(text)
        if m.is_content and m.pos[1] not in ("数詞", "非自立可能") and m.pos[2] != "助数詞" and not m.surface.isdigit()
    )


def _cell_clauses(source: SourceText) -> Iterator[Clause]:
    """Yield a clause for each cell; the cells without a figure name the row."""
    cells = [(normalise_text(column), normalise_text(value)) for column, value in source.cells]
    row = " ".join(value for n, (_, value) in enumerate(cells) if n == 0 or not (figures(value) or times(value)))
    row_text = " ".join(value for _, value in cells)
    for column, value in cells:
        if value:
            yield Clause(value, row_text, (column, row))
    notes = [line for line in source.body.splitlines() if line.startswith("※")]
    yield from (Clause(line, line, (row,)) for line in notes)


def _text_clauses(body: str) -> Iterator[Clause]:
    """Yield the clauses of each line under its heading, and of table rows under their columns."""
    head: tuple[str, ...] = ()
    columns: list[str] = []
    for line in map(str.strip, body.splitlines()):
        if "\t" in line:
            row = [cell.strip() for cell in line.split("\t")]
            yield from _row_clauses(row, columns, head)
            columns = columns or row
            continue
        yield from _line_clauses(line, head)
        kind = line_marker_kind(line)
        head, columns = ((line,) if kind and len(kind) == 1 else head), []


def line_marker_kind(line: str) -> str | None:
    """Return the kind of a line by its marker: heading rank, item, number or note; None without one."""
    match = _MARKER.match(line)
    if match is None or (match[1] in ("【", "<", "〔") and not line.endswith(("】", ">", "〕"))):
        return None
    return match[1] or (_ITEM if match[2] else _NUMBER if match[3] else _NOTE)


def _row_clauses(row: Sequence[str], columns: Sequence[str], heads: tuple[str, ...]) -> Iterator[Clause]:
    line = " ".join(row)
    for n, cell in enumerate(row):
        column = (columns[n],) if n < len(columns) else ()
        if cell:
            yield Clause(cell, line, (*column, row[0], *heads))


def _line_clauses(line: str, heads: tuple[str, ...]) -> Iterator[Clause]:
    for sentence in split_document_sentences(line):
        label = _LABEL.match(sentence)
        start = 0
        seams = [m.end() for m in _SEAM.finditer(sentence) if not label or m.end() > label.end()]
        for end in [*seams, len(sentence)]:
            if text := sentence[start:end].strip():
                over = heads if not label or start == 0 else (label[0], *heads)
                yield Clause(text, sentence, over)
            start = end
