"""Reads the names that a question asks about: 緑町児童館 is the name of a 児童館 that 緑町 identifies."""

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from bot.state.query import AskedName, Term
from ingest.japanese import dates
from ingest.japanese.characters import KANJI
from ingest.japanese.spans import Spans
from ingest.japanese.tokenise import LIGHT_WORDS, Morpheme, morphemes, words

# What follows a name that is not asked about: the asker's home, origin or name, or what something is compared with.
_NOT_ASKED_ABOUT = re.compile(
    r"に(?:住|在住|引っ?越|通|勤)|から|まで|より|へ|と(?:申|言|いい)|です[がけ]|だけど|在住|出身"
)
_IDENTIFYING_NUMBER = re.compile(r"第[0-9]+.?|[0-9]+(?:号|丁目)")
# Between the parts of a place name, where Sudachi takes them for particles or symbols: 関ヶ原, 杉ノ下.
_LINKS_IN_NAMES = frozenset("ヶケノ")
_KANJI_WORD = re.compile(f"[{KANJI}々]+")


def find_asked_names(topic: str, terms: Iterable[Term], absent_towns: frozenset[str]) -> tuple[AskedName, ...]:
    """Return the names that the topic of a Japanese question asks about, without those of municipalities and dates.

    `absent_towns` are left out, because a prefecture that published nothing may contain the issuer.
    """
    interrogatives = {term.text for term in terms if term.is_interrogative}
    date_spans = Spans((mention.start, mention.end) for mention in dates(topic))
    names = (_read_name(topic, noun, interrogatives) for noun in _compound_nouns(topic, date_spans))
    return tuple(name for name in names if name and not absent_towns.intersection(name.identifying))


def _compound_nouns(text: str, excluded: Spans) -> Iterator[list[Morpheme]]:
    noun: list[Morpheme] = []
    for morpheme in morphemes(text, "C"):
        is_part = morpheme.is_noun or bool(noun and morpheme.surface in _LINKS_IN_NAMES)
        is_part = is_part and not excluded.meet(morpheme.start, morpheme.end)
        if noun and not (is_part and noun[-1].end == morpheme.start):
            yield noun
            noun = []
        if is_part:
            noun.append(morpheme)
    if noun:
        yield noun


def _read_name(text: str, noun: Sequence[Morpheme], interrogatives: AbstractSet[str]) -> AskedName | None:
    start = noun[0].start
    end = noun[-1].end
    if not interrogatives.isdisjoint(words(text[start:end])) or _NOT_ASKED_ABOUT.match(text, end):
        return None
    kind = noun[-1].surface if len(noun) > 1 and _is_common_noun(noun[-1]) else ""
    modifiers = noun[:-1] if kind else noun
    proper = _proper_parts(text, modifiers)
    identifying = proper or (_common_parts(text, noun) if kind else ())
    return AskedName(text[start:end], identifying, kind, bool(proper)) if identifying else None


def _proper_parts(text: str, modifiers: Sequence[Morpheme]) -> tuple[str, ...]:
    if any(morpheme.surface in _LINKS_IN_NAMES for morpheme in modifiers):
        return (text[modifiers[0].start : modifiers[-1].end],)
    return tuple(
        morpheme.surface
        for morpheme in modifiers
        if len(morpheme.surface) > 1
        and (morpheme.pos[1] == "固有名詞" or (morpheme.is_unknown and _KANJI_WORD.fullmatch(morpheme.surface)))
    )


def _common_parts(text: str, noun: Sequence[Morpheme]) -> tuple[str, ...]:
    if number := _IDENTIFYING_NUMBER.search(text, noun[0].start, noun[-1].end):
        return (number[0],)
    return tuple(morpheme.surface for morpheme in noun[:-1] if _is_common_noun(morpheme))


def _is_common_noun(morpheme: Morpheme) -> bool:
    is_common = morpheme.pos[:2] == ("名詞", "普通名詞") and morpheme.pos[2] in {"一般", "サ変可能"}
    return is_common and len(morpheme.surface) > 1 and morpheme.normal not in LIGHT_WORDS
