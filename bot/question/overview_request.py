"""Recognises questions about a document as a whole: in one sentence, its main points, what changed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.documents import Document
from ingest.japanese import nfkc
from ingest.japanese.characters import normalise_without_spaces
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.tokenise import LIGHT_WORDS, Morpheme, morphemes

OverviewKind = Literal["summary", "points", "changes"]

_LEXICON = load_lexicon("overview")
_PLANS = load_lexicon("plans")
_KINDS = any_of((*_PLANS["plans"], *_PLANS["in_titles"], *_LEXICON["document_kinds"]))
_OTHER_NAMES = any_of(_LEXICON["other_names"])
_BEFORE = r"(?:(?:1つ|一つ|ひとつ|その)?前|以前|旧|これまで|今まで|従来|前回|前期)"
# What may follow the words that ask: no further content words.
_TAIL = r"(?:[^一-龥ァ-ヶ。?]|教|言|説明|下|願|知|何|頂|欲|変|違|新|改|定|訂|正|点|所|箇|書){0,24}"
_LIST = r"(?!が?(?:あ[りるっ]|存在))"
_DOES = r"(?:する|し(?:たい|よう)|やる|やりたい|定め|決め|目指|めざ|ねら|狙)"
# For whom or what a summary is made: 議会説明用に, 新人向けに.
_FOR = re.compile(r"[^、。?はをの]{1,10}(?:用|向け|むけ)(?:に|で)")
_ADVERBS = frozenset({"副詞", "接続詞", "感動詞"})
_PATTERNS: tuple[tuple[OverviewKind, re.Pattern[str]], ...] = (
    (
        "changes",
        re.compile(
            rf"{_BEFORE}[^、。?]{{0,20}}?(?:から|と|より|に比べて?|と比べて?)[^。?]{{0,8}}?(?:何|なに|どこ|どう|どのよう)"
            rf"[^。?]{{0,6}}?(?:変わ|違|改|新し){_TAIL}"
            rf"|(?:何|なに|どこ)が(?:変わ|新しくな|改(?:ま|正|定|訂)){_TAIL}|どう(?:変わ|違){_TAIL}"
            r"|(?:主な)?(?:変更点|改[定正訂](?:の(?:ポイント|内容)|点)|変わった(?:点|ところ|こと)|新しくなった(?:点|ところ|こと)"
            rf"|新旧の(?:違い|差)|{_BEFORE}[^、。?]{{0,16}}との(?:違い|差)){_TAIL}"
        ),
    ),
    (
        "points",
        re.compile(
            r"(?:主な|重要な|大事な|大切な|おもな|一番の)?"
            r"(?:ポイント|要点|骨子|大事なところ|大切なところ|主な内容|中心になる内容)"
            rf"(?:は|を|って)?{_TAIL}|(?:何|なに)が書(?:いて|かれて){_TAIL}"
        ),
    ),
    (
        "summary",
        re.compile(
            rf"(?:一言|ひとこと|ひと言|一文|1文|一行)(?:で|に){_TAIL}|(?:要するに|要は){_TAIL}"
            rf"|(?:ざっくり|ざっと|手短に|短く|簡単に|かんたんに)(?:と)?(?:言|い[うえっ]|説明|まと|教){_TAIL}"
            rf"|要約{_TAIL}|まとめ(?:て|ると){_TAIL}|(?:全体の)?(?:概要|あらまし|全体像|大まかな内容){_TAIL}"
            rf"|(?:どんな|どういう|どのような|どういった|何の(?:ための)?)(?:{_KINDS}|{_OTHER_NAMES}){_LIST}{_TAIL}"
            rf"|何を{_DOES}(?:ため)?[^一-龥ァ-ヶ。?]{{0,8}}(?:{_KINDS}|{_OTHER_NAMES}){_TAIL}"
            rf"|(?:{_KINDS})(?:は|って|では?)、?何を{_DOES}{_TAIL}"
            rf"|何の(?:ため|目的)(?:に|で)[^。?]{{0,12}}(?:作|つく|定め|決め|でき|あ[るり]|策定|制定){_TAIL}"
        ),
    ),
)
_THIS = re.compile(rf"(?:この|その|今の|現在の|現行の|新しい|今度の|本)(?:{_KINDS}|{_OTHER_NAMES})")
_TYPE_WORD = re.compile(_KINDS)
# Words that name no subject in such a question.
_GENERAL = frozenset(_LEXICON["general"])


@dataclass(frozen=True, slots=True)
class OverviewRequest:
    """What a question asks of a whole document.

    `terms` are the words of the document's name that are left after the names of documents; `is_this` whether it
    points to the document spoken of; `type_word` is what it calls the document (計画).
    """

    kind: OverviewKind
    terms: frozenset[str]
    is_this: bool
    type_word: str


def read_overview_request(topic: str) -> OverviewRequest | None:
    """Return the request of a question without the names of documents, None where it asks about something in one."""
    for kind, pattern in _PATTERNS:
        if not (match := pattern.search(topic)):
            continue
        rest = _FOR.sub(" ", topic[: match.start()] + topic[match.end() :])
        this = _THIS.search(rest)
        type_word = _TYPE_WORD.search(rest) or _TYPE_WORD.search(match[0])
        if this:
            rest = rest[: this.start()] + rest[this.end() :]
        asked = match[0] if kind == "changes" else ""
        rest += re.sub(rf"{_BEFORE}.*?(?:{_KINDS}|{_OTHER_NAMES})", "", asked)
        terms = frozenset(m.surface for m in morphemes(rest) if _names_something(m))
        return OverviewRequest(kind, terms, bool(this), type_word[0] if type_word else "")
    return None


def _names_something(m: Morpheme) -> bool:
    is_word = m.is_content and m.pos[0] not in _ADVERBS and m.surface not in _GENERAL and m.pos[1] != "数詞"
    return is_word and m.normal not in _GENERAL | LIGHT_WORDS and not _TYPE_WORD.fullmatch(m.normal)


def named_in_title(terms: frozenset[str], documents: Sequence[Document]) -> list[Document]:
    """Return the documents whose title or alias has all `terms`, in this or another spelling."""
    wanted = {term: {m.normal for m in morphemes(term)} for term in terms}
    return [
        document
        for document in documents
        if any(_has_all(nfkc(name), wanted) for name in (document.title, *document.aliases))
    ]


def _has_all(name: str, wanted: Mapping[str, set[str]]) -> bool:
    normals = {m.normal for m in morphemes(name)}
    return all(term in name or forms <= normals for term, forms in wanted.items())


def is_of_type(document: Document, type_word: str) -> bool:
    """Whether a document's title calls it by the word of the question."""
    return not type_word or type_word in normalise_without_spaces(nfkc(document.title))
