"""What a passage states, read once in the form in which an answer's claims are compared with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from bot.check.claims import Span, days_without_year, figures, spans
from bot.check.figure import Figure
from bot.check.measures import measured
from bot.check.names import squash
from bot.check.pieces import Piece, pieces, subject_words
from bot.check.roles import Role, role_of_column, roles
from bot.guard.orders import without_orders
from ingest.documents import Passage
from ingest.normalise import DateMention, dates, nfkc
from ingest.tokenise import words

# Counters of any thing: 5つの分野 says what 5分野 says.
ANY_THING = frozenset({"つ", "個", "項目", "点", "種類"})
_YEARS = frozenset({"年", "年間"})


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure of a passage; `heads` is what stands over it in its table (column and headings), empty outside one."""

    figure: Figure
    role: Role = ""
    heads: str = ""

    def supports(self, claim: Figure) -> bool:
        """Whether value and unit are those of `claim`; a claim may have no unit (30の地区), a bare cell in its head."""
        unit, value = self.figure.unit, self.figure.value
        alike = (
            unit == claim.unit
            or not claim.unit
            or claim.unit in ANY_THING
            or {unit, claim.unit} == _YEARS
            or (not unit and bool(claim.unit) and claim.unit in self.heads)
        )
        return (alike and claim.allows(value)) or (unit != claim.unit and _same_amount(self.figure, claim))


def _same_amount(one: Figure, other: Figure) -> bool:
    return measured(one.value, one.unit) == measured(other.value, other.unit)


@dataclass(frozen=True, slots=True)
class Grounds:
    """One passage with its headings and its document's title.

    `columns` are the roles for which its table has a column; `numbers` holds every number, those inside dates too.
    """

    stated: tuple[Stated, ...]
    columns: frozenset[Role]
    dates: tuple[DateMention, ...]
    spans: tuple[Span, ...]
    days: tuple[tuple[int, int | None], ...]
    numbers: frozenset[Decimal]
    items: int
    doc_id: str
    pieces: tuple[Piece, ...]
    text: str
    squashed: str
    words: frozenset[str]


@lru_cache(maxsize=4096)
def grounds(passage: Passage, title: str = "") -> Grounds:
    """Read `passage` of the document called `title`."""
    said = without_orders(nfkc(passage.text))
    text = "\n".join([*map(nfkc, [title, *passage.path, *(cell.column for cell in passage.cells)]), said])
    stated = tuple(_stated(passage, title))
    mentions = tuple(dates(text))
    days = [(m.first.month, m.first.day if m.granularity == "day" else None) for m in mentions if _names_month(m)]
    days += [(month, day) for _, _, month, day in days_without_year(text)]
    return Grounds(
        stated=stated,
        columns=frozenset(role_of_column(nfkc(cell.column)) for cell in passage.cells),
        dates=mentions,
        spans=tuple(spans(text)),
        days=tuple(days),
        numbers=frozenset([s.figure.value for s in stated]) | {Decimal(m.first.year) for m in mentions},
        items=len(passage.items),
        doc_id=passage.doc_id,
        pieces=tuple(pieces(passage, title)),
        text=text,
        squashed=squash(text),
        words=frozenset(words(text)),
    )


def _names_month(mention: DateMention) -> bool:
    return mention.granularity in ("month", "day")


def _stated(passage: Passage, title: str) -> Iterator[Stated]:
    """Yield the figures: of cells with the role of their column, of its head with none, others as words tell."""
    for cell in passage.cells:
        column, value = nfkc(cell.column), nfkc(cell.value)
        found = figures(value)
        given = role_of_column(column)
        for figure, said in zip(found, roles(value, found), strict=True):
            yield Stated(figure, given or said, nfkc(" ".join([column, *passage.path])))
    for cell in passage.cells:  # 2時間まで over a price is stated too
        yield from map(Stated, figures(nfkc(cell.column)))
    rest = passage.notes if passage.cells else (passage.text,)
    for text in map(without_orders, map(nfkc, [title, *passage.path, *rest])):
        found = figures(text)
        yield from (Stated(figure, role) for figure, role in zip(found, roles(text, found), strict=True))


def nearest(text: str, sources: Sequence[Grounds]) -> list[Piece]:
    """Return the pieces that share most of the statement's nouns; of a row all cells."""
    subject = subject_words(text)
    scored = [(len(subject & piece.own), piece) for source in sources for piece in source.pieces]
    best = max((score for score, _ in scored), default=0)
    return [piece for score, piece in scored if best and score >= best]
