"""Which rows a question wants of a table with a column that says yes or no of each (ペットと入れる, 入れない)."""

import re
from dataclasses import dataclass

from bot.check.flags import flag_of
from bot.find.evidence import content_terms_cached
from bot.understand.asked import Asked, Kind, Term
from bot.understand.thesaurus import same_meaning
from ingest.tokenise import morphemes


@dataclass(frozen=True, slots=True)
class FlagAsked:
    """Whether the rows are wanted of which it is so, or those of which it is not, and the words that say so."""

    affirmed: bool
    wording: str


# Words of a column's head that say only that it tells whether: ペットの可否, 駐車場の有無.
_WHETHER = frozenset({"可否", "有無", "対応", "利用", "使用", "可能", "場合", "時", "際", "区分", "状況"})
_DENIED = re.compile(
    r"ない(?!と)|なかった|なく(?!て)|ません|不可|×|なし|無い|無し|だめ|ダメ|駄目|禁止|NG|閉[まじ鎖]|断ら|使用中止|対象外|未(?=設置|整備|対応)"
)
_AFFIRMED = re.compile(r"可|OK|○|あり|有り|対応|対象|必要|付き|つき")
# Without the rows' name behind it the condition runs to the end where they are asked for before it: どの避難所なら….
_WHICH_BEFORE = re.compile(r"ど(?:の|こ|れ|ちら)")
_END = re.compile(r"[。?]")
# Where another condition begins: 駐車場があって|ペットも入れる, no 連れて行ける.
_OTHER_CLAUSE = re.compile(r"(?:(?<=[てで])、?|、|(?<=し)、?)(?=[一-龥々ァ-ヶーA-Za-z]{2,10}[がもはの])")
# A longer name that only begins with the column's (津波避難ビル), where no word of having or being follows.
_LONGER_NAME = re.compile(r"(?!可|不|対応|対象|必要|付|禁止|未|無|有|OK|NG)[一-龥々ァ-ヶーA-Za-z]")
_LONGEST = 24


def asks_flag(column: str, rows: re.Pattern[str], asked: Asked) -> FlagAsked | None:
    """Return which rows the question wants by what it says of the column; `rows` finds where it speaks of the rows."""
    topic = content_terms_cached(column) - _WHETHER
    named = {t.text for t in asked.terms if topic and _means(t, topic)}
    ms = morphemes(asked.text)
    words = [m.normal.lower() for m in ms]
    at = next((i for i, word in enumerate(words) if word in named), None)
    if at is None:
        return None
    last = next(i for i in range(at, len(ms)) if not words[i + 1 : i + 2] or words[i + 1] not in topic)  # 駐車 and 場
    start = ms[last].end
    behind = rows.search(asked.text, start, start + _LONGEST)
    if behind is None and not _WHICH_BEFORE.search(asked.text, 0, start):
        return None
    stop = behind or _END.search(asked.text, start)
    end = stop.start() if stop else len(asked.text)
    return _said(asked.text[ms[at].start : end], _OTHER_CLAUSE.split(asked.text[start:end])[0])


def tells_flag(column: str, value: str, asked: Asked) -> bool:
    """Whether a cell says yes or no of what the question names, where no figure, time or person is asked for."""
    topic = content_terms_cached(column) - _WHETHER
    open_kind = asked.kind in {Kind.YESNO, Kind.WHAT, Kind.HOW} and not asked.unit
    return open_kind and flag_of(value) is not None and bool(topic) and any(_means(t, topic) for t in asked.terms)


def _means(term: Term, topic: frozenset[str]) -> bool:
    alike = not same_meaning(term.text).isdisjoint(topic) if term.is_strong else term.text in topic
    return alike or any(meaning <= topic for meaning in term.meanings)


def _said(wording: str, predicate: str) -> FlagAsked | None:
    if _LONGER_NAME.match(predicate):
        return None
    if _DENIED.search(predicate):
        return FlagAsked(affirmed=False, wording=wording)
    told = _AFFIRMED.search(predicate) or any(m.pos[0] in {"動詞", "形容詞"} for m in morphemes(predicate))
    return FlagAsked(affirmed=True, wording=wording) if told else None
