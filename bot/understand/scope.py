"""Which documents a question is about, and on which day: its names, ages and dates, their periods."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.understand.asked import Asked
from bot.validity import in_force, known_on, published_on, successors, superseded_by
from ingest.documents import Document
from ingest.normalise import DateMention, nfkc

# A date beside such words says as of when the question is meant (2024年度に有効だったプラン).
_AS_OF = re.compile(r"^(?:に|で|の|には|時点で?|当時の?)?(?:有効|現行|当時|時点|現在|ころ|頃|に適用|だった頃)")
# A date beside such words says which document is meant, by the day of its making (2023年にできたプラン).
_MADE = re.compile(
    r"^\S{0,3}?(?:でき|出来|作ら|つくら|策定|まとめ|公表|発行|決ま|始ま|スタート)\S{0,6}?(?:ほう|方|計画|プラン|戦略|指針|資料|版)"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The documents that may answer, those preferred, those the question names and sets side by side.

    `consumed` are the spellings in the question that named documents, `used_dates` the dates that told which or when.
    """

    as_of: date
    allowed: frozenset[str]
    preferred: frozenset[str]
    named: frozenset[str] = frozenset()
    consumed: frozenset[str] = frozenset()
    compared: frozenset[str] = frozenset()
    used_dates: tuple[DateMention, ...] = ()


def find_scope(asked: Asked, documents: Sequence[Document], as_of: date) -> Scope:
    """Return which of `documents` the question is about; by default all may answer, those in force first."""
    used: list[DateMention] = []
    for mention in asked.dates:
        if _AS_OF.match(asked.text[mention.end :]):
            as_of = mention.first
            used.append(mention)
    known = known_on(documents, as_of) or list(documents)
    replacing = successors(known)
    current = frozenset(d.id for d in known if in_force(d, as_of, replacing))
    named, consumed = _named(asked.text, known)
    made = frozenset(
        d.id
        for mention in asked.dates
        if _MADE.match(asked.text[mention.end :])
        for d in known
        if _covers(mention, published_on(d))
    )
    if made:
        used += [m for m in asked.dates if _MADE.match(asked.text[m.end :])]
    allowed = made or named or frozenset(d.id for d in known)
    preferred = current
    older = frozenset(d.id for d in known if superseded_by(d, as_of, replacing) or d.id not in current)
    compared: frozenset[str] = frozenset()
    if "previous" in asked.ages and (named or "current" in asked.ages or asked.compares):
        compared = _with_predecessors(named or current, known, replacing, as_of) or (named or current) | older
        allowed |= compared
    elif asked.compares and len(named | made) > 1:
        compared = named | made
    elif "previous" in asked.ages and not made:
        preferred = older
    return Scope(as_of, allowed, (preferred & allowed) or allowed, named | made, consumed, compared, tuple(used))


def _with_predecessors(
    ids: frozenset[str], known: Sequence[Document], replacing: Sequence[Document], as_of: date
) -> frozenset[str]:
    """Return those of the documents that replace another, with the ones they replace; none where none does."""
    pairs = [{d.id, s.id} for d in known if (s := superseded_by(d, as_of, replacing))]
    return frozenset[str]().union(*(pair for pair in pairs if not ids.isdisjoint(pair)))


def _covers(mention: DateMention, day: date | None) -> bool:
    return day is not None and mention.first <= day <= mention.last


def _named(text: str, documents: Sequence[Document]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the documents that the text names, and the spellings it names them by.

    The longest spelling wins its place in the text. A spelling that is a part of another document's title names a
    family of documents (DXアクションプラン, of which there is a 2.0) and settles nothing, unless the text names that
    other document too.
    """
    squashed = re.sub(r"\s", "", nfkc(text)).casefold()
    spellings = {
        (key, d.id): name for d in documents for name in (d.title, *d.aliases) for key in _spellings(name, d.issuer)
    }
    named: set[str] = set()
    consumed: set[str] = set()
    taken: list[tuple[int, int]] = []
    longer: set[str] = set()
    for key, doc_id in sorted(_within(squashed, spellings), key=lambda k: (-len(k[0]), k)):
        written = "の?".join(map(re.escape, key))  # 第2回会議 is 第2回の会議 too
        for match in re.finditer(rf"(?<![\da-z.]){written}(?![\d]|\.\d)", squashed):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            taken.append(match.span())
            consumed.add(spellings[key, doc_id])
            others = {other for other, other_id in spellings if key in other and other_id != doc_id}
            if not others or others & longer:
                named.add(doc_id)
            longer.add(key)
    return frozenset(named), frozenset(consumed)


def _within(squashed: str, spellings: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the spellings that can stand in the text, by their letters: of thousands, all but a few are out."""
    letters = squashed.replace("の", "")
    return [spelling for spelling in spellings if spelling[0].replace("の", "") in letters]


def without_names(text: str, documents: Sequence[Document]) -> str:
    """Return normalised `text` without the names of documents in it."""
    named = {key for d in documents for name in (d.title, *d.aliases) for key in _spellings(name, d.issuer)}
    for key in sorted(named, key=lambda key: (-len(key), key)):
        if key in re.sub(r"\s", "", text).casefold():  # quicker than the expression, of which there would be thousands
            text = re.sub(r"\s*".join(map(re.escape, key)), "", text, flags=re.IGNORECASE)
    return text


@lru_cache(maxsize=100_000)
def _spellings(name: str, issuer: str) -> frozenset[str]:
    """Return how a name is written in a question: without spaces, the issuer, a closing bracket, or 資料."""
    full = re.sub(r"\s", "", nfkc(name)).casefold()
    plain = re.sub(r"\([^()]*\)$|(?:の?(?:資料|本編|概要版?))$", "", full)
    owner = nfkc(issuer).casefold()
    shorter = plain.replace(owner, "") if owner else plain
    return frozenset(key for key in (full, plain, shorter) if len(key) > 1)
