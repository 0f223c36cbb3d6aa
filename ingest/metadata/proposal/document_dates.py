"""Proposes publication date and period from a document's pages, else from its metadata."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from ingest.japanese import DateMention, dates, nfkc
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.notation import ERA
from ingest.metadata.proposal.file_evidence import FileEvidence, ProposedValue, SetLine

# Spaces that only the layout puts into dates: 令和 5 年 3 月 1 0 日.
_SPREAD = re.compile(rf"(?<=[\d年月元]) (?=[\d年月日])|(?<={ERA}) (?=[\d元])")
_MADE = re.compile(
    r"策定|改定|改訂|改正|制定|公表|公布|公開|発表|発行|作成|発出|決定|施行|更新|とりまとめ|刊行|初版|第\d+版"
)
# Words near dates of events, counts, other documents and deadlines.
_OTHER = re.compile(
    r"現在|時点|(?:法律|政令|省令|条例)第|告示第|規則第|以下「|から|まで|以降|以前|締切|期限|開催|生まれ|未満|末|頃|予定|\d期|調査"
)
_AFTER_OTHER = re.compile(r"\s*(?:[~]|から|まで|以降|以前|現在|時点|末|付けで|の|に|を|は)")
_FILE_DAY = re.compile(r"(?<!\d)(?P<year>20\d\d)[-_.]?(?P<month>0[1-9]|1[0-2])[-_.]?(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")
_FILE_SHORT = re.compile(r"(?<!\d)(?P<year>[12]\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")
_CREATED = re.compile(r"D:(\d{4})(\d\d)(\d\d)")
_PERIOD = re.compile(
    rf"(?:計画|対象|実施|適用|推進)(?:の)?(?:対象)?期間|計画年度|{any_of(load_lexicon('plans')['plans'])}の期間|期間は"
)
# Number of ISO date parts by granularity, and the joint of a range: …計画(令和5年度~令和9年度).
_PARTS = {"year": 1, "fiscal_year": 1, "month": 2, "day": 3}
_RANGE = re.compile(r"(?:年度?|度)?(?:~|-|から|より|ー|―|→|を初年度とし、?)")
# Maximum distance of the years after 計画期間, in characters.
_NEAR = 90
# Minimum score of a date that needs no check.
_CERTAIN = 2.5
# Minimum score of a proposed date.
_LEAST = 1.0
_MOST_YEARS = 31
# Where the right side of a page begins, as a share of its width.
_RIGHT_SIDE = 0.55
# Score of a date by how exact it is.
_GRANULARITY_SCORES = {"day": 0.5, "month": 0.4, "year": -1.8, "fiscal_year": -2.0}
# What each feature of a date adds to its score as the publication date.
_WEIGHTS = {
    "alone in its line": 2.0,
    "near a word of publication": 1.5,
    "near a word of something else": -2.5,
    "right side of the page": 0.6,
    "inside a sentence": -2.0,
}
# Displayed characters of a line.
_EXCERPT = 24
# Maximum other characters in a line that is only a date.
_OTHER_TEXT = 3
# Minimum characters of a sentence.
_SENTENCE = 25


@dataclass(frozen=True, slots=True)
class _DateCandidate:
    written: str
    day: date
    score: float
    source: str


def publication_date(evidence: FileEvidence) -> ProposedValue | None:
    """Return the publication date as YYYY, YYYY-MM or YYYY-MM-DD; None if there is no evidence."""
    ranked = sorted(_date_candidates(evidence), key=lambda candidate: (candidate.score, candidate.day), reverse=True)
    if ranked and ranked[0].score >= _LEAST:
        best = ranked[0]
        return ProposedValue(best.written, best.source, sure=best.score >= _CERTAIN)
    return _from_metadata(evidence) or _from_name(evidence) or _from_creation(evidence)


def _date_candidates(evidence: FileEvidence) -> Iterator[_DateCandidate]:
    cover = evidence.is_cover
    # Dates after the first page are seldom the publication date.
    for bonus, lines in ((1.0, evidence.first), (-1.2, evidence.second), (0.3, evidence.last)):
        for index, line in enumerate(lines):
            text = _SPREAD.sub("", nfkc(line.text))
            for mention in dates(text):
                score = _score_date(text, mention, line, evidence) + bonus
                score += (1.6 if mention.granularity == "year" else 0.8) if cover and line.page == 1 else 0.0
                score -= 1.5 * index / max(len(lines), 1) if line.page == 1 and not cover else 0.0
                written = mention.first.isoformat()
                parts = _PARTS[mention.granularity]
                yield _DateCandidate(
                    "-".join(written.split("-")[:parts]), mention.first, score, _describe_place(line, text)
                )
        for line in lines:
            text = nfkc(line.text).strip()
            if cover and line.page == 1 and re.fullmatch(r"20\d\d", text):
                yield _DateCandidate(text, date(int(text), 1, 1), _CERTAIN, _describe_place(line, text))


def _describe_place(line: SetLine, text: str) -> str:
    shown = text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"
    return f"{line.page}ページ目の「{shown}」" if line.size else f"本文の「{shown}」"


def _score_date(text: str, mention: DateMention, line: SetLine, evidence: FileEvidence) -> float:
    """Return the score of a date as the publication date."""
    rest = text[: mention.start] + text[mention.end :]
    after, near = text[mention.end :], text[max(0, mention.start - 12) : mention.end + 12]
    is_alone = len(re.sub(r"[\s()\[\]【】〔〕:・、,]", "", rest)) <= _OTHER_TEXT
    features = {
        "alone in its line": is_alone,
        "near a word of publication": bool(_MADE.search(near)),
        "near a word of something else": bool(_OTHER.search(near) or _AFTER_OTHER.match(after)),
        "right side of the page": evidence.width > 0 and line.left > evidence.width * _RIGHT_SIDE,
        "inside a sentence": len(rest) > _SENTENCE and not is_alone,
    }
    score = _GRANULARITY_SCORES[mention.granularity]
    for feature, weight in _WEIGHTS.items():
        score += weight * features[feature]
    return score


def _from_metadata(evidence: FileEvidence) -> ProposedValue | None:
    title = nfkc(evidence.metadata.get("Title", ""))
    named = [mention for mention in dates(title) if mention.granularity in ("day", "month")]
    if not named:
        return None
    parts = _PARTS[named[0].granularity]
    written = "-".join(named[0].first.isoformat().split("-")[:parts])
    return ProposedValue(written, "PDF の属性（題名）にある日付", sure=False)


def _from_name(evidence: FileEvidence) -> ProposedValue | None:
    name = nfkc(evidence.path.stem)
    if mentions := [mention for mention in dates(name) if mention.granularity != "fiscal_year"]:
        written = mentions[0].first.isoformat().split("-")[: _PARTS[mentions[0].granularity]]
        return ProposedValue("-".join(written), "ファイル名", sure=False)
    for form in (_FILE_DAY, _FILE_SHORT):
        if match := form.search(name):
            year = int(match["year"])
            try:
                day = date(year if year > 99 else 2000 + year, int(match["month"]), int(match["day"]))
            except ValueError:
                continue
            return ProposedValue(day.isoformat(), "ファイル名", sure=False)
    return None


def _from_creation(evidence: FileEvidence) -> ProposedValue | None:
    made = _CREATED.match(evidence.metadata.get("CreationDate", ""))
    return (
        ProposedValue(f"{made[1]}-{made[2]}", "PDF が作られた月（文書の中には日付がありません）", sure=False)
        if made
        else None
    )


def period(evidence: FileEvidence, title: str) -> ProposedValue | None:
    """Return the period of the document as [first, last] day; None if it states none."""
    text = [_SPREAD.sub("", nfkc(line)) for line in evidence.text]
    for index, line in enumerate(text):
        for named in _PERIOD.finditer(line):
            passage = " ".join((line[named.start() :], *text[index + 1 : index + 4]))[: len(named[0]) + _NEAR]
            if span := _find_range(passage):
                certain = named[0].startswith("計画") or "の期間" in named[0]
                shown = passage[:30].rstrip()
                return ProposedValue(span, f"本文の「{shown}…」", sure=certain)
    if span := _find_range(nfkc(title)):
        return ProposedValue(span, "題名にある年度", sure=False)
    return None


def _find_range(text: str) -> list[str] | None:
    """Return the first date range of a text as [first, last] day; None without one."""
    mentions = dates(text)
    for start, end in pairwise(mentions):
        between = re.sub(r"\([^()]*\)|\s", "", text[start.end : end.start])
        years = end.last.year - start.first.year
        if (
            re.fullmatch(r"(?:年度?|年|度)?(?:~|-|から|より|ー|―|→|を初年度とし,?、?)", between)
            and 0 < years < _MOST_YEARS
        ):
            first, last = _range_days(start, end)
            return [first.isoformat(), last.isoformat()]
    return None


def _range_days(start: DateMention, end: DateMention) -> tuple[date, date]:
    """Return first and last day of a range; a bare year counts as fiscal if the other end is a fiscal year."""
    if "fiscal_year" in (start.granularity, end.granularity):
        first = date(start.first.year, 4, 1) if start.granularity == "year" else start.first
        last = date(end.first.year + 1, 3, 31) if end.granularity == "year" else end.last
        return first, last
    return start.first, end.last
