"""Proposes publication date and period from a document's pages, else from its metadata."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from ingest.japanese import DateMention, dates, nfkc
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.notation import ERA
from ingest.metadata.proposal.evidence import Evidence, SetLine
from ingest.metadata.proposal.value import Value

# Letters and figures that only the layout spread: 令和 5 年 3 月 1 0 日.
_SPREAD = re.compile(rf"(?<=[\d年月元]) (?=[\d年月日])|(?<={ERA}) (?=[\d元])")
_MADE = re.compile(
    r"策定|改定|改訂|改正|制定|公表|公布|公開|発表|発行|作成|発出|決定|施行|更新|とりまとめ|刊行|初版|第\d+版"
)
# The day of an event, of a count, of another paper, of a deadline.
_OTHER = re.compile(
    r"現在|時点|(?:法律|政令|省令|条例)第|告示第|規則第|以下「|から|まで|以降|以前|締切|期限|開催|生まれ|未満|末|頃|予定|\d期|調査"
)
_BEHIND_RANGE = re.compile(r"\s*(?:[~]|から|まで|以降|以前|現在|時点|末|付けで|の|に|を|は)")
_FILE_DAY = re.compile(r"(?<!\d)(?P<year>20\d\d)[-_.]?(?P<month>0[1-9]|1[0-2])[-_.]?(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")
_FILE_SHORT = re.compile(r"(?<!\d)(?P<year>[12]\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")
_CREATED = re.compile(r"D:(\d{4})(\d\d)(\d\d)")
_PERIOD = re.compile(
    rf"(?:計画|対象|実施|適用|推進)(?:の)?(?:対象)?期間|計画年度|{any_of(load_lexicon('plans')['plans'])}の期間|期間は"
)
# The title names its years itself: …計画(令和5年度~令和9年度).
_PARTS = {"year": 1, "fiscal_year": 1, "month": 2, "day": 3}
_RANGE = re.compile(r"(?:年度?|度)?(?:~|-|から|より|ー|―|→|を初年度とし、?)")
# Characters behind the word 計画期間 in which the years stand.
_NEAR = 90
_CERTAIN, _LEAST = 2.5, 1.0
_MOST_YEARS = 31
# Characters of a line that are shown, that stand beside a day that is alone, and that make a sentence of it.
_SHOWN, _BESIDE, _SENTENCE = 24, 3, 25


@dataclass(frozen=True, slots=True)
class _Day:
    written: str
    day: date
    score: float
    source: str


def publication_date(found: Evidence) -> Value | None:
    """Return when the document was published, as YYYY, YYYY-MM or YYYY-MM-DD; None where nothing tells."""
    ranked = sorted(_days(found), key=lambda one: (one.score, one.day), reverse=True)
    if ranked and ranked[0].score >= _LEAST:
        best = ranked[0]
        return Value(best.written, best.source, sure=best.score >= _CERTAIN)
    return _from_metadata(found) or _from_name(found) or _from_creation(found)


def _days(found: Evidence) -> Iterator[_Day]:
    cover = found.is_cover
    # Behind the first page a day is that of something else, unless a word says otherwise.
    for bonus, lines in ((1.0, found.first), (-1.2, found.second), (0.3, found.last)):
        for at, line in enumerate(lines):
            text = _SPREAD.sub("", nfkc(line.text))
            for mention in dates(text):
                score = _weight(text, mention, line, found) + bonus
                score += (1.6 if mention.granularity == "year" else 0.8) if cover and line.page == 1 else 0.0
                score -= 1.5 * at / max(len(lines), 1) if line.page == 1 and not cover else 0.0
                written = mention.first.isoformat()
                parts = _PARTS[mention.granularity]
                yield _Day("-".join(written.split("-")[:parts]), mention.first, score, _where(line, text))
        for line in lines:
            text = nfkc(line.text).strip()
            if cover and line.page == 1 and re.fullmatch(r"20\d\d", text):
                yield _Day(text, date(int(text), 1, 1), _CERTAIN, _where(line, text))


def _where(line: SetLine, text: str) -> str:
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return f"{line.page}ページ目の「{shown}」" if line.size else f"本文の「{shown}」"


def _weight(text: str, mention: DateMention, line: SetLine, found: Evidence) -> float:
    """Return how much a day in a line looks like that of publication."""
    rest = text[: mention.start] + text[mention.end :]
    behind, near = text[mention.end :], text[max(0, mention.start - 12) : mention.end + 12]
    alone = len(re.sub(r"[\s()\[\]【】〔〕:・、,]", "", rest)) <= _BESIDE
    score = {"day": 0.5, "month": 0.4, "year": -1.8, "fiscal_year": -2.0}[mention.granularity]
    score += 2.0 if alone else 0.0
    score += 1.5 if _MADE.search(near) else 0.0
    score -= 2.5 if _OTHER.search(near) or _BEHIND_RANGE.match(behind) else 0.0
    score += 0.6 if found.width and line.left > found.width * 0.55 else 0.0
    score -= 2.0 if len(rest) > _SENTENCE and not alone else 0.0
    return score


def _from_metadata(found: Evidence) -> Value | None:
    title = nfkc(found.metadata.get("Title", ""))
    named = [mention for mention in dates(title) if mention.granularity in ("day", "month")]
    if not named:
        return None
    parts = _PARTS[named[0].granularity]
    written = "-".join(named[0].first.isoformat().split("-")[:parts])
    return Value(written, "PDF の属性（題名）にある日付", sure=False)


def _from_name(found: Evidence) -> Value | None:
    name = nfkc(found.path.stem)
    if mentions := [mention for mention in dates(name) if mention.granularity != "fiscal_year"]:
        written = mentions[0].first.isoformat().split("-")[: _PARTS[mentions[0].granularity]]
        return Value("-".join(written), "ファイル名", sure=False)
    for form in (_FILE_DAY, _FILE_SHORT):
        if match := form.search(name):
            year = int(match["year"])
            try:
                day = date(year if year > 99 else 2000 + year, int(match["month"]), int(match["day"]))  # noqa: PLR2004
            except ValueError:
                continue
            return Value(day.isoformat(), "ファイル名", sure=False)
    return None


def _from_creation(found: Evidence) -> Value | None:
    made = _CREATED.match(found.metadata.get("CreationDate", ""))
    return (
        Value(f"{made[1]}-{made[2]}", "PDF が作られた月（文書の中には日付がありません）", sure=False) if made else None
    )


def period(found: Evidence, title: str) -> Value | None:
    """Return the days for which the document governs, as [first, last]; None where it does not say."""
    text = [_SPREAD.sub("", nfkc(line)) for line in found.text]
    for at, line in enumerate(text):
        for named in _PERIOD.finditer(line):
            said = " ".join((line[named.start() :], *text[at + 1 : at + 4]))[: len(named[0]) + _NEAR]
            if span := _span(said):
                certain = named[0].startswith("計画") or "の期間" in named[0]
                shown = said[:30].rstrip()
                return Value(span, f"本文の「{shown}…」", sure=certain)
    if span := _span(nfkc(title)):
        return Value(span, "題名にある年度", sure=False)
    return None


def _span(text: str) -> list[str] | None:
    """Return the days between the first two dates of a text that a mark of a range joins; None without such."""
    found = dates(text)
    for one, other in pairwise(found):
        between = re.sub(r"\([^()]*\)|\s", "", text[one.end : other.start])
        years = other.last.year - one.first.year
        if (
            re.fullmatch(r"(?:年度?|年|度)?(?:~|-|から|より|ー|―|→|を初年度とし,?、?)", between)
            and 0 < years < _MOST_YEARS
        ):
            first, last = _as_fiscal(one, other)
            return [first.isoformat(), last.isoformat()]
    return None


def _as_fiscal(one: DateMention, other: DateMention) -> tuple[date, date]:
    """Return the days of a range; where one end is a fiscal year, a bare year at the other is one too."""
    if "fiscal_year" in (one.granularity, other.granularity):
        first = date(one.first.year, 4, 1) if one.granularity == "year" else one.first
        last = date(other.first.year + 1, 3, 31) if other.granularity == "year" else other.last
        return first, last
    return one.first, other.last
