"""Detects that a question asks how many things of a kind there are, or which, and names the kind."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.japanese import counter_at
from ingest.japanese.interrogatives import HOW_MANY, WHAT_KIND, WHERE, WHICH, WHO
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.quantities import ANY_THING_ASKED
from ingest.japanese.tokenise import Morpheme, morphemes

_WORDS = load_lexicon("listed_things")
_HOW_MANY = re.compile(rf"{HOW_MANY}|何(?=\S)")
# A date or a time is not a number of things.
_NOT_COUNTED = re.compile(r"[年月日時曜番円度割%歳]|パーセント|ヶ?月|(?:か|ヶ|カ|箇)[年月]")
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
_KIND_BEHIND = re.compile(rf"(?:{WHAT_KIND}|どの|何の|{HOW_MANY}の|何[^\s、。?]{{1,3}}の)$")
_TOPIC_PARTICLES, _OTHER_PARTICLES = (
    frozenset({"は", "が", "って", "も", "を"}),
    frozenset({"の", "に", "で", "について"}),
)
_NOT_A_KIND = frozenset(_WORDS["not_a_kind"])
_FIGURES = frozenset(_WORDS["figures"])
_NAME_POS = frozenset({"名詞", "接尾辞", "接頭辞", "記号"})


@dataclass(frozen=True, slots=True)
class ListedThings:
    """The things that a question asks for.

    Attributes:
        kind: their name (公園), "" where the question does not name it.
        asks_count: whether it asks how many there are; else it asks which.
        counter: the counter of that number (か所), "" for a general one.
        is_plain: whether it only asks what, where or who they are (窓口はどこですか), so that one may be meant.
    """

    kind: str
    asks_count: bool
    counter: str = ""
    is_plain: bool = False


def find_listed_things(text: str) -> ListedThings | None:
    """Return what normalised `text` asks to count or to list; None where it asks for anything else."""
    if _EXCLUSION.search(text):
        return None
    counted, counter, position = _find_count(text)
    members, which = _ASKS_MEMBERS.search(text), _ASKS_WHICH.search(text)
    if counted:
        kind = _find_kind(text, position)
    elif members:
        kind = _find_kind(text, members.start())
    elif which:
        position = which.start()
        kind = next((noun for _, end, noun, _ in _noun_chunks(text) if end == position), "")
    else:
        return None
    return ListedThings(kind, counted, counter, not counted and not members) if _KIND.fullmatch(kind) else None


def _find_count(text: str) -> tuple[bool, str, int]:
    """Return whether a number of things is asked for, its counter, and where."""
    for match in _HOW_MANY.finditer(text):
        if match[0] != "何":
            return True, "", match.start()
        if _NOT_COUNTED.match(text, match.end()):
            continue
        if counter := counter_at(text, match.end()):
            return True, "" if counter.unit in ANY_THING_ASKED else counter.unit, match.start()
    if number := _NUMBER_OF.search(text):
        return True, "", number.start()
    return False, "", len(text)


def _find_kind(text: str, position: int) -> str:
    """Return the noun before the interrogative at `position` that names the kind; after どんな the one behind it."""
    chunks = _noun_chunks(text)
    for _, (start, end, noun, _) in pairwise([(0, 0, "", ""), *chunks]):
        if _KIND_BEHIND.search(text[:start]) and noun and end:
            return noun
    for particles in (_TOPIC_PARTICLES, _OTHER_PARTICLES):
        for _, end, noun, particle in reversed(chunks):
            if end <= position + 1 and particle in particles and noun:
                return noun
    return next((noun for _, end, noun, _ in reversed(chunks) if noun and end <= position + 1), "")


def _noun_chunks(text: str) -> list[tuple[int, int, str, str]]:
    """Return the runs of nouns with start, end, noun and the particle after them; the noun is "" if it is no kind."""
    chunks, run = list[tuple[int, int, str, str]](), list[Morpheme]()
    for m in [*morphemes(text), None]:
        if m is not None and _is_name(m):
            run.append(m)
            continue
        if run:
            noun = _to_kind(run)
            chunks.append((run[0].start, run[-1].end, noun, m.surface if m else ""))
            run = []
    return chunks


def _is_name(m: Morpheme) -> bool:
    return m.pos[0] in _NAME_POS and m.pos[1] != "数詞" and "何" not in m.surface


def _to_kind(run: Sequence[Morpheme]) -> str:
    """Return a run of nouns without nouns at its ends that are no kind: 公園全部 is 公園; "" for a figure (件数)."""
    first, last = 0, len(run)
    if run[-1].surface in _FIGURES:
        return ""
    while first < last and run[last - 1].surface in _NOT_A_KIND:
        last -= 1
    while first < last and (run[first].surface in _NOT_A_KIND or run[first].surface == "お"):
        first += 1
    return "".join(m.surface for m in run[first:last])
