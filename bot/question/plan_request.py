"""Recognises questions about what a plan says of itself, and how that differs from the plan before."""

import re
from dataclasses import dataclass

from ingest.japanese import nfkc
from ingest.japanese.characters import parse_number
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.notation import KANJI_DIGITS
from ingest.japanese.tokenise import LIGHT_WORDS, morphemes
from ingest.overview.aspects import ASPECTS

_WORDS = load_lexicon("plan_aspects")
_OVERVIEW, _PLANS = load_lexicon("overview"), load_lexicon("plans")
_KINDS = any_of((*_PLANS["plans"], *_PLANS["in_titles"], *_OVERVIEW["document_kinds"]))
# More telling words first: 変わらない is none of 変わ, and what was added is more than what changed.
OPERATIONS = ("kept", "removed", "added", "raised", "lowered", "changed")
_OPERATIONS = {name: re.compile(rf"{any_of(_WORDS[name])}[ぁ-ん]*") for name in OPERATIONS}
_CHANGED = re.compile(any_of(_WORDS["changed_asked"]))
_ASPECTS = {
    name: re.compile(any_of((*(word.strip("^$") for word in _WORDS[name]), *_WORDS.get(f"{name}_asked", ()))))
    for name in ASPECTS
}
_MEASURES = re.compile(any_of(_WORDS["measures_asked"]))
_EARLIER = re.compile(
    rf"(?:(?:1つ|一つ|ひとつ)?前|以前|旧|これまで|今まで|従来|前回|前期)の?(?:[^、。?]{{0,10}}?(?:{_KINDS})|版|もの|やつ|とき|と|から|より)"
    rf"|新旧|改[定訂正]前|前(?:の|と|に|から|より)|第?\d+[次期版]?(?:計画|版)?から|(?:新し[いく]|新|今度の|今回の)[^、。?]{{0,8}}(?:{_KINDS})"
    r"|(?:改[定訂正]|見直し|方針が変わっ)(?:で|に|後|され|して)"
)
_PREVIOUS = re.compile(rf"(?:(?:1つ|一つ|ひとつ)?前|以前|旧|古い|前回|前期)の?[^、。?]{{0,10}}?(?:{_KINDS})")
_ISSUE_NUMBER = re.compile(r"第\d+[次期版]|(?<![\d年])\d\.\d")
_OF_CHANGE = re.compile(r"新旧|変更(?:内容|点|前後)|改[定訂]")
_COUNTED = re.compile(rf"(?P<count>[{KANJI_DIGITS}十]|\d{{1,2}})つの(?P<noun>[一-龥ァ-ヶ]{{1,8}})")
_ISSUE = re.compile(r"第?\d+(?:\.\d+)?(?:次|期|版|か年)?|令和|平成")
_NO_SUBJECT = frozenset(
    {"副詞", "連体詞", "感動詞", "接続詞", "代名詞", "接頭辞", "接尾辞", "動詞", "形容詞", "形状詞"}
)
_GENERAL = frozenset(_OVERVIEW["general"])
# What a question says around the aspects and the change; none is a subject.
_FRAME = re.compile(
    r"(?:教|示|列挙|挙|述|説明|知|聞)[^、。?]*$|(?:ざっと|ざっくり|簡潔に|全部|すべて|全て)|内容|扱い|考え方|政策|新旧|改[定訂正][前後]*|変更|何と"
)


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What a question asks of a plan.

    `operation` is one of OPERATIONS, "" for what the plan says; `aspects` are those that it names, in its `words`,
    `heading` the noun of 三つの心得, and `terms` the other words that name things: the plan's own, or a subject in it.
    `names_earlier` is whether it speaks of another issue of the plan, `is_previous` whether it asks for the one before,
    `issue` its number (第2次), `count`
    the number of items (三つ), and `is_of_change` whether it asks how something in the plan was changed (目標の変更).
    """

    operation: str
    aspects: tuple[str, ...]
    words: tuple[str, ...]
    heading: str
    terms: tuple[str, ...]
    type_word: str
    names_earlier: bool
    is_previous: bool = False
    issue: str = ""
    count: int = 0
    is_of_change: bool = False


def read_plan_request(topic: str) -> PlanRequest | None:
    """Return the request of a question without the names of documents, None where it is about no plan."""
    text = nfkc(topic)
    earlier = bool(_EARLIER.search(text))
    operation = next((name for name, words in _OPERATIONS.items() if words.search(text)), "")
    if not operation and earlier and _CHANGED.search(text):
        operation = "changed"
    counted = _COUNTED.search(text)
    found = {name: match.start() for name, words in _ASPECTS.items() if (match := words.search(_without_kinds(text)))}
    aspects = tuple(sorted(found, key=found.__getitem__))
    if len(aspects) > 1 and operation:
        aspects = tuple(one for one in aspects if one != "review")
    if aspects[1:] and re.search(rf"^.*?方針の{_ASPECTS[aspects[1]].pattern}", text):
        aspects = aspects[1:]
    if "targets" in aspects and "pillars" in aspects and re.search(r"まちづくりの目標|(?:基本|政策|重点)目標", text):
        aspects = tuple(one for one in aspects if one != "targets")
    type_word = match[0] if (match := re.search(_KINDS, text)) else ""
    if not operation and any(
        re.search(rf"{words}\s?(?:その)?\d", text) for words in map(re.escape, _words(aspects, text))
    ):
        return None
    if aspects == ("review",) and operation == "changed":
        aspects = ()
    if not (aspects or counted or (operation and (earlier or type_word))):
        return None
    return PlanRequest(
        operation,
        aspects,
        _words(aspects, text),
        counted["noun"] if counted else "",
        _terms(text),
        type_word,
        earlier,
        bool(_PREVIOUS.search(text)),
        match[0] if (match := _ISSUE_NUMBER.search(text)) else "",
        int(parse_number(counted["count"])) if counted else 0,
        bool(_OF_CHANGE.search(text)),
    )


def _words(aspects: tuple[str, ...], text: str) -> tuple[str, ...]:
    """Return the words of the question that name the aspects."""
    without_kinds = _without_kinds(text)
    return tuple(match[0] for name in aspects if (match := _ASPECTS[name].search(without_kinds)))


def _without_kinds(text: str) -> str:
    """Return the text with the names that documents have (観光振興計画) left out, of the same length."""
    return re.sub(rf"(?<!基本)(?:{_KINDS})", lambda match: "　" * len(match[0]), text)


def _terms(text: str) -> tuple[str, ...]:
    """Return the words that name things, without those of operations, aspects, and documents in general."""
    rest = _COUNTED.sub(" ", _FRAME.sub(" ", text))
    rest = _EARLIER.sub(lambda match: match[0] if re.search(_KINDS, match[0]) else " ", rest)
    for words in (_ASPECTS["pillars"], *_ASPECTS.values(), *_OPERATIONS.values(), _CHANGED):
        rest = words.sub(" ", rest)
    return tuple(
        dict.fromkeys(
            m.surface
            for m in morphemes(rest)
            if m.is_content
            and m.pos[0] not in _NO_SUBJECT
            and m.pos[1] != "数詞"
            and m.normal not in _GENERAL | LIGHT_WORDS
            and m.surface not in _GENERAL
            and not re.fullmatch(_KINDS, m.surface)
            and not _MEASURES.fullmatch(m.surface)
            and not _ISSUE.fullmatch(m.surface)
        )
    )
