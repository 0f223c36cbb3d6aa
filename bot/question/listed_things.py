"""Detects that a question asks how many things of a kind there are, or which, and names the kind."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.japanese import counter_at
from ingest.japanese.interrogatives import HOW_MANY, WHAT_KIND, WHERE, WHICH, WHO
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.quantities import ANY_THING_ASKED
from ingest.japanese.tokenise import Morpheme, morphemes

_WORDS = load_lexicon("listed_things")
_HOW_MANY = re.compile(rf"{HOW_MANY}|何(?=\S)")
# A date or a time is not a number of things.
_DATE_OR_RATE = re.compile(r"[年月日時曜番円度割%歳]|パーセント|ヶ?月|(?:か|ヶ|カ|箇)[年月]")
# Things that are not of a kind are no list of the documents: 公園以外.
_EXCLUSION = re.compile(r"以外|を除[くい]|ではない|でない|じゃない|がない(?!か)|のない")
# Two characters, or one kanji: 橋.
_KIND = re.compile(r".{2,}|[一-龥]")
_NUMBER_OF = re.compile(r"(?<!何)の総?数(?=は|って|を教え|[?。]|$)")
# How the members of a kind are asked for: 何がありますか, どんな施設, すべて教えて, の一覧, 委員は誰ですか.
_ASKS_MEMBERS = re.compile(
    rf"(?:何|なに|{WHERE}|{WHO}|{WHICH})[がに](?:[あい][りまる]|該当|含ま|対象)|{WHAT_KIND}[^、。?]{{1,14}}[がは](?:[あい][りまる]|対象)"
    rf"|{any_of(_WORDS['all'])}"
)
_ASKS_WHICH = re.compile(
    rf"(?:は|って|には)、?(?P<asks>何|なに|{WHERE}|{WHO}|{WHICH})(?:です|でしょう|なの|に(?:なり|あり)ます)?か?[?。]?$"
)
_BEFORE_KIND = re.compile(rf"(?:{WHAT_KIND}|どの|何の|{HOW_MANY}の|何[^\s、。?]{{1,3}}の)$")
# A noun before one of the first particles is more likely the kind.
_PARTICLES_AFTER_KIND = (frozenset({"は", "が", "って", "も", "を"}), frozenset({"の", "に", "で", "について"}))
_NOT_A_KIND = frozenset(_WORDS["not_a_kind"])
_NAME_POS = frozenset({"名詞", "接尾辞", "接頭辞", "記号"})


@dataclass(frozen=True, slots=True)
class ListedThings:
    """The things that a question asks for.

    Attributes:
        kind: their name (公園), "" if the question does not name it.
        asks_count: whether it asks how many there are; else it asks which.
        counter: the counter of that number (か所), "" for a general one.
        is_plain: whether it only asks what, where or who they are (窓口はどこですか), so that one may be meant.
    """

    kind: str
    asks_count: bool
    counter: str = ""
    is_plain: bool = False


@dataclass(frozen=True, slots=True)
class _NounChunk:
    """A run of nouns, `text[start:end]`, the kind that it names ("" for none), and the particle after it."""

    start: int
    end: int
    kind: str
    particle: str


@dataclass(frozen=True, slots=True)
class _Count:
    """The position at which a number of things is asked for, and its counter ("" for a general one)."""

    position: int
    counter: str


def find_listed_things(text: str) -> ListedThings | None:
    """Return the things that normalised `text` asks to count or to list; None for any other question."""
    if _EXCLUSION.search(text):
        return None
    count = _find_count(text)
    members = _ASKS_MEMBERS.search(text)
    which = _ASKS_WHICH.search(text)
    if count:
        kind = _find_kind(text, count.position)
    elif members:
        kind = _find_kind(text, members.start())
    elif which:
        kind = next((chunk.kind for chunk in _noun_chunks(text) if chunk.end == which.start()), "")
    else:
        return None
    if not _KIND.fullmatch(kind):
        return None
    return ListedThings(
        kind,
        asks_count=count is not None,
        counter=count.counter if count else "",
        is_plain=not count and not members,
    )


def _find_count(text: str) -> _Count | None:
    for match in _HOW_MANY.finditer(text):
        if match[0] != "何":
            return _Count(match.start(), "")
        counter = None if _DATE_OR_RATE.match(text, match.end()) else counter_at(text, match.end())
        if counter:
            return _Count(match.start(), "" if counter.unit in ANY_THING_ASKED else counter.unit)
    number = _NUMBER_OF.search(text)
    return _Count(number.start(), "") if number else None


def _find_kind(text: str, position: int) -> str:
    chunks = [chunk for chunk in _noun_chunks(text) if chunk.kind]
    for chunk in chunks:
        if _BEFORE_KIND.search(text[: chunk.start]):
            return chunk.kind
    earlier = [chunk for chunk in reversed(chunks) if chunk.end <= position + 1]
    for particles in _PARTICLES_AFTER_KIND:
        for chunk in earlier:
            if chunk.particle in particles:
                return chunk.kind
    return earlier[0].kind if earlier else ""


def _noun_chunks(text: str) -> list[_NounChunk]:
    chunks = list[_NounChunk]()
    run = list[Morpheme]()
    for m in [*morphemes(text), None]:
        if m is not None and _is_name(m):
            run.append(m)
            continue
        if run:
            chunks.append(_NounChunk(run[0].start, run[-1].end, _to_kind(run), m.surface if m else ""))
            run = []
    return chunks


def _is_name(m: Morpheme) -> bool:
    return m.pos[0] in _NAME_POS and m.pos[1] != "数詞" and "何" not in m.surface


def _to_kind(run: Sequence[Morpheme]) -> str:
    first = 0
    last = len(run)
    while first < last and run[last - 1].surface in _NOT_A_KIND:
        last -= 1
    while first < last and (run[first].surface in _NOT_A_KIND or run[first].surface == "お"):
        first += 1
    return "".join(m.surface for m in run[first:last])
