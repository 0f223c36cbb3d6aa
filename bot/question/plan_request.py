"""Recognises questions about a plan or another document as a whole: its overview, its aspects, what changed."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from ingest.japanese import nfkc
from ingest.japanese.characters import parse_number
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.notation import KANJI_DIGITS
from ingest.japanese.tokenise import LIGHT_WORDS, morphemes
from ingest.overview.aspects import HEADED_ASPECTS, Aspect
from ingest.overview.outline import DOCUMENT_KINDS


class OverviewKind(StrEnum):
    """What a question asks of a whole document."""

    SUMMARY = "summary"
    POINTS = "points"
    CHANGES = "changes"


class PlanChange(StrEnum):
    """What became of a part of a plan. Order matters: 変わらない (kept) must be tried before 変わ (changed)."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"
    RAISED = "raised"
    LOWERED = "lowered"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class OverviewRequest:
    """A question for the overview of a document.

    Attributes:
        kind: the part of the overview.
        title_words: the remaining words that name things; the title has all of them if the document is meant.
        type_word: what the question calls the document (計画), "" for nothing.
        is_deictic: the question points to the document of the conversation (この計画).
    """

    kind: OverviewKind
    title_words: frozenset[str]
    type_word: str
    is_deictic: bool


@dataclass(frozen=True, slots=True)
class AspectRequest:
    """A question for what a plan states under its headings, or for how that changed.

    Attributes:
        change: what became of it, None for what the plan states.
        aspects: the aspects that the question names, in its order.
        aspect_words: the words by which it names them.
        counted_noun: the noun of a counted list (三つの心得: 心得), "" for none.
        item_count: the number of items in that list, 0 for none.
        terms: the remaining words that name things: the plan's name, or a subject in the plan.
        type_word: what the question calls the plan (計画), "" for nothing.
        compares_issues: the question mentions another issue of the plan.
        asks_for_previous: it asks for the issue before the one in force.
        issue_number: the number of the issue that it names (第2次), "" for none.
        asks_how_changed: it asks how a part was changed (目標の変更).
    """

    change: PlanChange | None
    aspects: tuple[Aspect, ...]
    aspect_words: tuple[str, ...]
    counted_noun: str
    item_count: int
    terms: tuple[str, ...]
    type_word: str
    compares_issues: bool
    asks_for_previous: bool
    issue_number: str
    asks_how_changed: bool


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What a question asks of a whole document; if it can be read in both ways, the aspects are tried first."""

    aspects: AspectRequest | None
    overview: OverviewRequest | None


_OVERVIEW_WORDS = load_lexicon("overview")
_ASPECT_WORDS = load_lexicon("plan_aspects")
_DOCUMENT_NOUN = any_of((DOCUMENT_KINDS, *_OVERVIEW_WORDS["other_names"]))
# How questions call the issue before the present one.
_EARLIER = r"(?:(?:1つ|一つ|ひとつ|その)?前|以前|旧|古い|これまで|今まで|従来|前回|前期)"
_EARLIER_PLAN = rf"{_EARLIER}の?[^、。?]{{0,10}}?{DOCUMENT_KINDS}"
# Words that name no subject in such a question.
_GENERAL_WORDS = frozenset(_OVERVIEW_WORDS["general"]) | LIGHT_WORDS
_DOCUMENT_KIND = re.compile(DOCUMENT_KINDS)

# What may follow the words that ask: no further content words.
_TAIL = r"(?:[^一-龥ァ-ヶ。?]|教|言|説明|下|願|知|何|頂|欲|変|違|新|改|定|訂|正|点|所|箇|書){0,24}"
_IS_FOR = r"(?:する|し(?:たい|よう)|やる|やりたい|定め|決め|目指|めざ|ねら|狙)"
_MAIN = r"(?:主な|重要な|大事な|大切な|おもな|一番の)"
_THAN = r"(?:から|と|より|に比べて?|と比べて?)"
_DIFFERS = r"(?:変わ|違|改|新し)"
_CHANGED_POINT = r"(?:変わった|新しくなった)(?:点|ところ|こと)"
_OVERVIEW_QUESTIONS = {
    OverviewKind.CHANGES: (
        # 前の計画から何が変わったか, これまでとどこが違うか
        rf"{_EARLIER}[^、。?]{{0,20}}?{_THAN}[^。?]{{0,8}}?(?:何|なに|どこ|どう|どのよう)[^。?]{{0,6}}?{_DIFFERS}",
        r"(?:何|なに|どこ)が(?:変わ|新しくな|改(?:ま|正|定|訂))",
        r"どう(?:変わ|違)",
        rf"(?:主な)?(?:変更点|改[定正訂](?:の(?:ポイント|内容)|点)|{_CHANGED_POINT}|新旧の(?:違い|差))",
        rf"{_EARLIER}[^、。?]{{0,16}}との(?:違い|差)",
    ),
    OverviewKind.POINTS: (
        rf"{_MAIN}?(?:ポイント|要点|骨子|大事なところ|大切なところ|主な内容|中心になる内容)(?:は|を|って)?",
        r"(?:何|なに)が書(?:いて|かれて)",
    ),
    OverviewKind.SUMMARY: (
        r"(?:一言|ひとこと|ひと言|一文|1文|一行)(?:で|に)",
        r"(?:要するに|要は|要約|まとめ(?:て|ると))",
        r"(?:ざっくり|ざっと|手短に|短く|簡単に|かんたんに)(?:と)?(?:言|い[うえっ]|説明|まと|教)",
        r"(?:全体の)?(?:概要|あらまし|全体像|大まかな内容)",
        # どんな計画か, but not どんな計画があるか
        rf"(?:どんな|どういう|どのような|どういった|何の(?:ための)?){_DOCUMENT_NOUN}(?!が?(?:あ[りるっ]|存在))",
        rf"何を{_IS_FOR}(?:ため)?[^一-龥ァ-ヶ。?]{{0,8}}{_DOCUMENT_NOUN}",
        rf"{DOCUMENT_KINDS}(?:は|って|では?)、?何を{_IS_FOR}",
        r"何の(?:ため|目的)(?:に|で)[^。?]{0,12}(?:作|つく|定め|決め|でき|あ[るり]|策定|制定)",
    ),
}
_OVERVIEW_PATTERNS = {kind: re.compile(any_of(questions) + _TAIL) for kind, questions in _OVERVIEW_QUESTIONS.items()}
# For whom or what a summary is made: 議会説明用に, 新人向けに.
_SUMMARY_PURPOSE = re.compile(r"[^、。?はをの]{1,10}(?:用|向け|むけ)(?:に|で)")
_DEICTIC_DOCUMENT = re.compile(rf"(?:この|その|今の|現在の|現行の|新しい|今度の|本){_DOCUMENT_NOUN}")
_EARLIER_DOCUMENT = re.compile(rf"{_EARLIER}.*?{_DOCUMENT_NOUN}")

_CHANGES = {change: re.compile(rf"{any_of(_ASPECT_WORDS[change])}[ぁ-ん]*") for change in PlanChange}
_CHANGED_BETWEEN_ISSUES = re.compile(any_of(_ASPECT_WORDS["changed_asked"]))
_ASPECTS = {
    aspect: re.compile(
        any_of((*(word.strip("^$") for word in _ASPECT_WORDS[aspect]), *_ASPECT_WORDS.get(f"{aspect}_asked", ())))
    )
    for aspect in HEADED_ASPECTS
}
_MEASURES = re.compile(any_of(_ASPECT_WORDS["measures_asked"]))
_GOALS_THAT_ARE_PILLARS = re.compile(r"まちづくりの目標|(?:基本|政策|重点)目標")
_OTHER_ISSUE = re.compile(
    any_of(
        (
            _EARLIER_PLAN,
            rf"{_EARLIER}の?(?:版|もの|やつ|とき|と|から|より)",
            r"新旧|改[定訂正]前|前(?:の|と|に|から|より)|第?\d+[次期版]?(?:計画|版)?から",
            rf"(?:新し[いく]|新|今度の|今回の)[^、。?]{{0,8}}{DOCUMENT_KINDS}",
            r"(?:改[定訂正]|見直し|方針が変わっ)(?:で|に|後|され|して)",
        )
    )
)
_PREVIOUS_ISSUE = re.compile(_EARLIER_PLAN)
_ISSUE_NUMBER = re.compile(r"第\d+[次期版]|(?<![\d年])\d\.\d")
_HOW_CHANGED = re.compile(r"新旧|変更(?:内容|点|前後)|改[定訂]")
_COUNTED_LIST = re.compile(rf"(?P<count>[{KANJI_DIGITS}十]|\d{{1,2}})つの(?P<noun>[一-龥ァ-ヶ]{{1,8}})")
# Filler around an aspect word; removed before looking for a subject.
_FILLER = re.compile(
    r"(?:教|示|列挙|挙|述|説明|知|聞)[^、。?]*$|(?:ざっと|ざっくり|簡潔に|全部|すべて|全て)"
    r"|内容|扱い|考え方|政策|新旧|改[定訂正][前後]*|変更|何と"
)
_ISSUE_NAME = re.compile(r"第?\d+(?:\.\d+)?(?:次|期|版|か年)?|令和|平成")
_UNNAMING_POS = frozenset({"副詞", "接続詞", "感動詞"})
_UNNAMING_POS_OF_TERMS = _UNNAMING_POS | {"連体詞", "代名詞", "接頭辞", "接尾辞", "動詞", "形容詞", "形状詞"}


def read_plan_request(topic: str, text: str) -> PlanRequest | None:
    """Return the request for a whole document, None if a question asks about something in one.

    Args:
        topic: the question without the names of documents.
        text: the whole question if it names no single document, so that it may have a name that the issues of a plan
            share; else the topic.
    """
    overview = _read_overview_request(topic)
    if overview and not (overview.title_words or overview.is_deictic or overview.type_word):
        overview = _read_overview_request(text)
    aspects = _read_aspect_request(nfkc(topic))
    return PlanRequest(aspects, overview) if aspects or overview else None


def _read_overview_request(text: str) -> OverviewRequest | None:
    matches = ((kind, pattern.search(text)) for kind, pattern in _OVERVIEW_PATTERNS.items())
    kind, match = next(((kind, match) for kind, match in matches if match), (None, None))
    if kind is None or match is None:
        return None
    remainder = _SUMMARY_PURPOSE.sub(" ", text[: match.start()] + text[match.end() :])
    type_word = _DOCUMENT_KIND.search(remainder) or _DOCUMENT_KIND.search(match[0])
    without_deixis = _DEICTIC_DOCUMENT.sub("", remainder, count=1)
    compared = _EARLIER_DOCUMENT.sub("", match[0]) if kind is OverviewKind.CHANGES else ""
    return OverviewRequest(
        kind=kind,
        title_words=frozenset(_naming_words(without_deixis + compared, _UNNAMING_POS)),
        type_word=type_word[0] if type_word else "",
        is_deictic=without_deixis != remainder,
    )


def _read_aspect_request(text: str) -> AspectRequest | None:
    compares_issues = bool(_OTHER_ISSUE.search(text))
    change = next((change for change, pattern in _CHANGES.items() if pattern.search(text)), None)
    if change is None and compares_issues and _CHANGED_BETWEEN_ISSUES.search(text):
        change = PlanChange.CHANGED
    aspects = _find_aspects(text, change)
    aspect_words = _find_aspect_words(text, aspects)
    asks_for_one_item = any(re.search(rf"{re.escape(word)}\s?(?:その)?\d", text) for word in aspect_words)
    if change is None and asks_for_one_item:
        return None
    counted = _COUNTED_LIST.search(text)
    type_word = _DOCUMENT_KIND.search(text)
    if not (aspects or counted or (change and (compares_issues or type_word))):
        return None
    issue_number = _ISSUE_NUMBER.search(text)
    return AspectRequest(
        change=change,
        aspects=aspects,
        aspect_words=aspect_words,
        counted_noun=counted["noun"] if counted else "",
        item_count=int(parse_number(counted["count"])) if counted else 0,
        terms=_find_terms(text),
        type_word=type_word[0] if type_word else "",
        compares_issues=compares_issues,
        asks_for_previous=bool(_PREVIOUS_ISSUE.search(text)),
        issue_number=issue_number[0] if issue_number else "",
        asks_how_changed=bool(_HOW_CHANGED.search(text)),
    )


def _find_aspects(text: str, change: PlanChange | None) -> tuple[Aspect, ...]:
    """Return the aspects that the text names, in its order."""
    without_kinds = _blank_document_kinds(text)
    matches = {aspect: pattern.search(without_kinds) for aspect, pattern in _ASPECTS.items()}
    starts = {aspect: match.start() for aspect, match in matches.items() if match}
    aspects = sorted(starts, key=starts.__getitem__)
    if change and aspects[1:]:
        aspects = [aspect for aspect in aspects if aspect is not Aspect.REVIEW]
    if aspects[1:] and re.search(rf"^.*?方針の{_ASPECTS[aspects[1]].pattern}", text):
        aspects = aspects[1:]
    if Aspect.PILLARS in aspects and _GOALS_THAT_ARE_PILLARS.search(text):
        aspects = [aspect for aspect in aspects if aspect is not Aspect.TARGETS]
    is_only_revision = aspects == [Aspect.REVIEW] and change is PlanChange.CHANGED
    return () if is_only_revision else tuple(aspects)


def _find_aspect_words(text: str, aspects: Collection[Aspect]) -> tuple[str, ...]:
    without_kinds = _blank_document_kinds(text)
    return tuple(match[0] for aspect in aspects if (match := _ASPECTS[aspect].search(without_kinds)))


def _blank_document_kinds(text: str) -> str:
    """Return the text with spaces in place of what documents are called (計画), so that positions stay."""
    return re.sub(rf"(?<!基本){DOCUMENT_KINDS}", lambda match: "　" * len(match[0]), text)


def _find_terms(text: str) -> tuple[str, ...]:
    remainder = _COUNTED_LIST.sub(" ", _FILLER.sub(" ", text))
    remainder = _OTHER_ISSUE.sub(lambda match: match[0] if _DOCUMENT_KIND.search(match[0]) else " ", remainder)
    for pattern in (_ASPECTS[Aspect.PILLARS], *_ASPECTS.values(), *_CHANGES.values(), _CHANGED_BETWEEN_ISSUES):
        remainder = pattern.sub(" ", remainder)
    terms = _naming_words(remainder, _UNNAMING_POS_OF_TERMS)
    return tuple(term for term in terms if not (_MEASURES.fullmatch(term) or _ISSUE_NAME.fullmatch(term)))


def _naming_words(text: str, unnaming_pos: Collection[str]) -> list[str]:
    words = (
        morpheme.surface
        for morpheme in morphemes(text)
        if morpheme.is_content
        and morpheme.pos[0] not in unnaming_pos
        and morpheme.pos[1] != "数詞"
        and _GENERAL_WORDS.isdisjoint((morpheme.surface, morpheme.normal))
        and not _DOCUMENT_KIND.fullmatch(morpheme.normal)
        and not _DOCUMENT_KIND.fullmatch(morpheme.surface)
    )
    return list(dict.fromkeys(words))
