"""Which documents a question is about, and on which day: its names, ages and dates, their periods."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.understand.asked import Asked
from bot.understand.kinds import names_current
from bot.understand.making import made_in, tells_making
from bot.validity import governs_during, in_force, known_on, successors, superseded_by
from ingest.documents import Document
from ingest.normalise import DateMention, nfkc

# A date beside such words says as of when the question is meant (2024年度に有効だったプラン).
_AS_OF = re.compile(r"^(?:に|で|の|には|時点で?|当時の?)?(?:有効|現行|当時|時点|現在|ころ|頃|に適用|だった頃)")
_CAME_OF = re.compile(r"達成|実績|届|上回|下回|クリア")
# Days that a process is asked about are few: today, and those of questions about another day.
_DAYS = 32


@dataclass(frozen=True, slots=True)
class Scope:
    """The documents that may answer, those preferred, those the question names and sets side by side.

    `consumed` are the spellings in the question that named documents, `used_dates` the dates that told which or when.
    `governing` were in force at the other dates of the question.
    """

    as_of: date
    allowed: frozenset[str]
    preferred: frozenset[str]
    named: frozenset[str] = frozenset()
    consumed: frozenset[str] = frozenset()
    compared: frozenset[str] = frozenset()
    used_dates: tuple[DateMention, ...] = ()
    governing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Known:
    """What had been published by a day: which governed then, which did not any more or not yet, how each is named."""

    documents: Sequence[Document]
    replacing: Sequence[Document]
    ids: frozenset[str]
    current: frozenset[str]
    older: frozenset[str]
    coming: frozenset[str]
    names: "_Names"


class Scopes:
    """Tells which of `documents` a question is about; what does not depend on its words is found once a day.

    Safe to share between threads.
    """

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = tuple(documents)
        self._known_on = lru_cache(maxsize=_DAYS)(self._look_at)

    def __call__(self, asked: Asked, as_of: date) -> Scope:
        """Return the documents that the question means; by default all may answer, those in force first."""
        used: list[DateMention] = []
        for mention in asked.dates:
            if _AS_OF.match(asked.text[mention.end :]):
                as_of = mention.first
                used.append(mention)
        known = self._known_on(as_of)
        named, consumed = known.names.within(asked.text)
        making = [mention for mention in asked.dates if tells_making(asked.text[mention.end :])]
        made = frozenset(i for mention in making for i in made_in(mention, asked.text[mention.end :], known.documents))
        if made:
            used += making
        allowed = made or (named | _reporting(asked, known) if named else known.ids)
        governing = _governing(known, [m for m in asked.dates if m not in used])
        preferred = known.current
        compared: frozenset[str] = frozenset()
        calls_older = named and named <= known.older and not asked.compares and "current" not in asked.ages
        if "previous" in asked.ages and not calls_older and (named or "current" in asked.ages or asked.compares):
            meant = named or known.current
            compared = _with_predecessors(meant, known.documents, known.replacing, as_of) or meant | known.older
            allowed |= compared
        elif asked.compares and len(named | made) > 1:
            compared = named | made
        elif "previous" in asked.ages and not made:
            preferred = known.older
        elif asked.ages == {"current"} and names_current(asked.text) and not (named or made or asked.compares):
            allowed = known.current or allowed  # what only an older plan says is none of this one's
        elif "next" in asked.ages and not named:
            allowed = preferred = known.coming
        elif asked.within & (known.older | known.coming) and not (named or made or asked.ages or asked.compares):
            preferred = asked.within & known.ids  # the talk is of a plan that does not hold today
        preferred = (preferred & allowed) or allowed
        return Scope(as_of, allowed, preferred, named | made, consumed, compared, tuple(used), governing)

    def _look_at(self, as_of: date) -> _Known:
        known = known_on(self._documents, as_of) or list(self._documents)
        replacing = successors(known)
        current = frozenset(d.id for d in known if in_force(d, as_of, replacing))
        coming = frozenset(d.id for d in known if d.period and as_of < d.period.start)
        older = frozenset(d.id for d in known) - current - coming
        return _Known(known, replacing, frozenset(d.id for d in known), current, older, coming, _Names(known))


def asks_what_came(text: str) -> bool:
    """Whether normalised `text` speaks of reaching a target, or missing it."""
    return bool(_CAME_OF.search(text))


def _reporting(asked: Asked, known: _Known) -> frozenset[str]:
    """Return the minutes, where it is asked what came of a plan: a plan sets its targets, minutes tell the results."""
    wanted = "result" in asked.aspects or asks_what_came(asked.text)
    return frozenset(d.id for d in known.documents if d.kind == "meeting") if wanted else frozenset()


def _governing(known: _Known, mentions: Sequence[DateMention]) -> frozenset[str]:
    """Return the documents with a period that were, are or will be in force at all of the dates, as far as is known."""
    return frozenset(
        d.id
        for d in known.documents
        if mentions and d.period and all(governs_during(d, m.first, m.last, known.replacing) for m in mentions)
    )


def _with_predecessors(
    ids: frozenset[str], known: Sequence[Document], replacing: Sequence[Document], as_of: date
) -> frozenset[str]:
    """Return those of the documents that replace another, with the ones they replace; none where none does."""
    pairs = [{d.id, s.id} for d in known if (s := superseded_by(d, as_of, replacing))]
    return frozenset[str]().union(*(pair for pair in pairs if not ids.isdisjoint(pair)))


class _Names:
    """The spellings of documents' names, to be found in questions."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._names = {
            (key, d.id): name for d in documents for name in (d.title, *d.aliases) for key in _spellings(name, d.issuer)
        }
        self._letters = [(key.replace("の", ""), (key, doc_id)) for key, doc_id in self._names]

    def within(self, text: str) -> tuple[frozenset[str], frozenset[str]]:
        """Return the documents that the text names, and the spellings it names them by.

        The longest spelling wins its place in the text. A spelling that is a part of another document's title names a
        family of documents (DXアクションプラン, of which there is a 2.0) and settles nothing, unless the text names
        that other document too.
        """
        squashed = re.sub(r"\s", "", nfkc(text)).casefold()
        named: set[str] = set()
        consumed: set[str] = set()
        taken: list[tuple[int, int]] = []
        longer: set[str] = set()
        for key, doc_id in sorted(self._candidates(squashed), key=lambda k: (-len(k[0]), k)):
            written = "の?".join(map(re.escape, key))  # 第2回会議 is 第2回の会議 too
            for match in re.finditer(rf"(?<![\da-z.]){written}(?![\d]|\.\d)", squashed):
                if any(start < match.end() and match.start() < end for start, end in taken):
                    continue
                taken.append(match.span())
                consumed.add(self._names[key, doc_id])
                others = {other for other, other_id in self._names if key in other and other_id != doc_id}
                if not others or others & longer:
                    named.add(doc_id)
                longer.add(key)
        return frozenset(named), frozenset(consumed)

    def _candidates(self, squashed: str) -> list[tuple[str, str]]:
        """Return the spellings that can stand in the text, by their letters: of thousands, all but a few are out."""
        letters = squashed.replace("の", "")
        return [spelling for plain, spelling in self._letters if plain in letters]


def without_names(text: str, documents: Sequence[Document]) -> str:
    """Return normalised `text` without the names of documents in it."""
    named = {key for d in documents for name in (d.title, *d.aliases) for key in _spellings(name, d.issuer)}
    for key in sorted(named, key=lambda key: (-len(key), key)):
        if key in re.sub(r"\s", "", text).casefold():  # quicker than the expression, of which there would be thousands
            text = re.sub(r"\s*".join(map(re.escape, key)), "", text, flags=re.IGNORECASE)
    return text


@lru_cache(maxsize=100_000)
def _spellings(name: str, issuer: str) -> frozenset[str]:
    """Return how a name is written in a question: without spaces, the issuer, or a closing bracket.

    A numbered paper (第4回会議資料) is written without its 資料 too.
    """
    full = re.sub(r"\s", "", nfkc(name)).casefold()
    plain = re.sub(r"\([^()]*\)$|の?(?:本編|概要版?)$", "", full)
    if any(character.isdigit() for character in full):  # without a number (DX会議) it is the body and not its paper
        plain = re.sub(r"の?資料$", "", plain)
    owner = nfkc(issuer).casefold()
    shorter = plain.replace(owner, "") if owner else plain
    return frozenset(key for key in (full, plain, shorter) if len(key) > 1)
