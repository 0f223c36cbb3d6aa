"""A cited passage as source text: its words, headings and document data in normal form."""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from ingest.documents import Document, Passage, Period
from ingest.guardrails.prompt_injection import remove_instructions
from ingest.japanese.mentions.quantities import Quantity, figures
from ingest.japanese.mentions.times import Time, fiscal_year, times
from ingest.japanese.normal_forms import fold_normalised, normalise_figures
from ingest.japanese.sentences import sentence_spans
from ingest.japanese.tokenise import morphemes

_TABLE_RULES = re.compile(r"[|｜]")
_OMISSION = re.compile(r"…+|\.{3,}|[(（]中略[)）]")
# Any year: only the length of its months is used.
_COMMON_YEAR = 2001


@dataclass(frozen=True)
class SourceText:
    """A passage with its headings and its document's title, aliases, issuer, publication date (YYYY-MM-DD) and period.

    `cells` are (column, value) pairs of a table row. All but `text` may be empty.
    """

    text: str
    path: tuple[str, ...] = ()
    title: str = ""
    aliases: tuple[str, ...] = ()
    issuer: str = ""
    published: str = ""
    period: Period | None = None
    cells: tuple[tuple[str, str], ...] = ()

    @cached_property
    def body(self) -> str:
        """The passage's words, normalised, without instructions to the model."""
        return remove_instructions("\t".join(map(normalise_figures, self.text.split("\t"))))

    @cached_property
    def heading(self) -> str:
        """Title, issuer, headings and column heads, one per line."""
        columns = [column for column, _ in self.cells]
        return normalise_figures("\n".join([self.title, self.issuer, *self.path, *columns]))

    @cached_property
    def heading_and_body(self) -> str:
        """The text in which literals are looked for."""
        return f"{self.heading}\n{self.body}"

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """The sentences of the body; a table row is one."""
        if self.cells:
            return (" ".join(self.body.split()),)
        text = self.body.replace("\t", " ")
        return tuple(text[start:end].strip() for start, end in sentence_spans(text))

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The sentences of the body, and the lines of the heading."""
        return (*self.sentences, *self.heading.splitlines())

    @cached_property
    def comparison_text(self) -> str:
        """Heading, body and aliases without white space in lower case, to compare names."""
        aliases = " ".join(map(normalise_figures, self.aliases))
        return fold_normalised(f"{self.heading_and_body}\n{aliases}")

    @cached_property
    def figures(self) -> Sequence[Quantity]:
        """The figures of heading and body."""
        return [*figures(self.heading), *figures(self.body)]

    @cached_property
    def times(self) -> Sequence[Time]:
        """The dates of heading and body, the end of a month (12月末) also as its last day, and those of the period."""
        of_body = times(self.body)
        return [*times(self.heading), *of_body, *period_ends(of_body, self.body), *_times_of(self.period)]

    def has_quote(self, quote: str) -> bool:
        """Whether the quote occurs letter for letter, ignoring white space, … and table rules."""
        cell_values = normalise_figures("".join(value for _, value in self.cells))
        texts = [_TABLE_RULES.sub("", fold_normalised(text)) for text in (self.heading_and_body, cell_values)]
        parts = [_TABLE_RULES.sub("", fold_normalised(normalise_figures(part))) for part in _OMISSION.split(quote)]
        return any(parts) and all(any(part in text for text in texts) for part in parts)


def _times_of(period: Period | None) -> Iterator[Time]:
    for day in (period.start, period.end) if period else ():
        yield Time(0, 0, day.year, day.month, day.day)
        yield Time(0, 0, fiscal_year(day), fiscal=True)


def period_ends(times_of_text: Sequence[Time], text: str) -> Iterator[Time]:
    """Yield the last days of months and fiscal years that `text` ends with 末: 12月末, 令和7年度末."""
    for time in times_of_text:
        if time.day is not None or not text.startswith("末", time.end):
            continue
        if time.fiscal and (time.year or time.era_year):
            year = time.year and time.year + 1
            era_year = time.era_year and time.era_year + 1
            yield replace(time, year=year, era_year=era_year, month=3, day=31, fiscal=False)
        elif time.month:
            yield replace(time, day=monthrange(time.year or _COMMON_YEAR, time.month)[1])


@lru_cache(maxsize=4096)
def to_source_text(passage: Passage, document: Document | None = None) -> SourceText:
    """Return a passage of the index as source text."""
    cells = tuple((cell.column, cell.value) for cell in passage.cells)
    source = SourceText(text=passage.text, path=passage.path, cells=cells)
    if document is None:
        return source
    return replace(
        source,
        title=document.title,
        aliases=document.aliases,
        issuer=document.issuer,
        published=document.published,
        period=document.period,
    )


def to_source_texts(passages: Sequence[Passage], documents: Sequence[Document]) -> list[SourceText]:
    """Return the passages as source texts, with the data of their documents if these are among `documents`."""
    by_id = {document.id: document for document in documents}
    return [to_source_text(passage, by_id.get(passage.doc_id)) for passage in passages]


@lru_cache(maxsize=16384)
def content_words(text: str) -> frozenset[str]:
    """Return the normal forms of the content words of normalised `text`, without numerals and their counters."""
    return frozenset(
        word.normal.casefold()
        for word in morphemes(text)
        if word.is_content
        and word.pos[1] not in ("数詞", "非自立可能")
        and word.pos[2] != "助数詞"
        and not word.surface.isdigit()
    )
