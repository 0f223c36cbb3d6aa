"""Proposes publication date and period from a document's pages, else from its metadata."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from ingest.japanese import DateMention, dates, nfkc
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.notation import ERA
from ingest.metadata.proposal.file_evidence import FileEvidence, ProposedValue, SetLine

# Spaces that only the layout puts into dates: 令和 5 年 3 月 1 0 日.
_LAYOUT_SPACE = re.compile(rf"(?<=[\d年月元]) (?=[\d年月日])|(?<={ERA}) (?=[\d元])")
_PUBLICATION_WORDS = re.compile(
    r"策定|改定|改訂|改正|制定|公表|公布|公開|発表|発行|作成|発出|決定|施行|更新|とりまとめ|刊行|初版|第\d+版"
)
# Words near dates of events, counts, other documents and deadlines.
_OTHER_DATE_WORDS = re.compile(
    r"現在|時点|(?:法律|政令|省令|条例)第|告示第|規則第|以下「|から|まで|以降|以前|締切|期限|開催|生まれ|未満|末|頃|予定|\d期|調査"
)
_AFTER_OTHER_DATE = re.compile(r"\s*(?:[~]|から|まで|以降|以前|現在|時点|末|付けで|の|に|を|は)")
_DAY_IN_FILE_NAME = re.compile(
    r"(?<!\d)(?P<year>20\d\d)[-_.]?(?P<month>0[1-9]|1[0-2])[-_.]?(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"
)
_SHORT_DAY_IN_FILE_NAME = re.compile(
    r"(?<!\d)(?P<year>[12]\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"
)
_CREATION_DATE = re.compile(r"D:(\d{4})(\d\d)(\d\d)")
_PERIOD_LABEL = re.compile(
    rf"(?:計画|対象|実施|適用|推進)(?:の)?(?:対象)?期間|計画年度|{any_of(load_lexicon('plans')['plans'])}の期間|期間は"
)
# What joins the ends of a range, without spaces and brackets: …計画(令和5年度~令和9年度).
_RANGE_JOINT = re.compile(r"(?:年度?|年|度)?(?:~|-|から|より|ー|―|→|を初年度とし,?、?)")
_NOT_IN_JOINT = re.compile(r"\([^()]*\)|\s")
_AROUND_LONE_DATE = re.compile(r"[\s()\[\]【】〔〕:・、,]")
# Number of ISO date parts by granularity.
_ISO_PARTS = {"year": 1, "fiscal_year": 1, "month": 2, "day": 3}
# Maximum distance of the years after 計画期間, in characters.
_MAX_PERIOD_DISTANCE = 90
# Lines after 計画期間 that are searched for the years.
_PERIOD_LINES = 3
# Maximum years of a period.
_MAX_PERIOD_YEARS = 30
# Characters before and after a date that are searched for words of publication.
_CONTEXT_CHARACTERS = 12
# Minimum score of a publication date that needs no check.
_CERTAIN_SCORE = 2.5
# Minimum score of a proposed publication date.
_MIN_SCORE = 1.0
# Where the right side of a page begins, as a share of its width.
_RIGHT_SIDE = 0.55
# Scores of a date by how exact it is.
_GRANULARITY_SCORES = {"day": 0.5, "month": 0.4, "year": -1.8, "fiscal_year": -2.0}
# What each feature of a date adds to its score as the publication date.
_FEATURE_SCORES = {
    "alone in its line": 2.0,
    "near a word of publication": 1.5,
    "near a word of something else": -2.5,
    "right side of the page": 0.6,
    "inside a sentence": -2.0,
}
# Scores of the pages: dates after the first page are seldom the publication date.
_FIRST_PAGE_SCORE = 1.0
_SECOND_PAGE_SCORE = -1.2
_LAST_PAGE_SCORE = 0.3
# Scores of a date on a cover. A year alone counts more there, because elsewhere it is mostly another year.
_COVER_YEAR_SCORE = 1.6
_COVER_DATE_SCORE = 0.8
# Score of the last line of a first page with text; lines above it lose less, in proportion.
_LAST_LINE_SCORE = -1.5
# Displayed characters of a line, and of a period.
_EXCERPT_CHARACTERS = 24
_PERIOD_EXCERPT_CHARACTERS = 30
# Maximum other characters in a line that is only a date.
_MAX_LONE_CHARACTERS = 3
# Characters around a date above which it is in a sentence.
_SENTENCE_CHARACTERS = 25


@dataclass(frozen=True, slots=True)
class _DateCandidate:
    iso_date: str
    day: date
    score: float
    source: str


def propose_publication_date(evidence: FileEvidence) -> ProposedValue | None:
    """Return the publication date as YYYY, YYYY-MM or YYYY-MM-DD; None if there is no evidence."""
    best = max(_date_candidates(evidence), key=lambda candidate: (candidate.score, candidate.day), default=None)
    if best and best.score >= _MIN_SCORE:
        return ProposedValue(best.iso_date, best.source, sure=best.score >= _CERTAIN_SCORE)
    return _from_metadata(evidence) or _from_file_name(evidence) or _from_creation_date(evidence)


def _date_candidates(evidence: FileEvidence) -> Iterator[_DateCandidate]:
    yield from _candidates_of_page(evidence, evidence.first, _FIRST_PAGE_SCORE)
    yield from _candidates_of_page(evidence, evidence.second, _SECOND_PAGE_SCORE)
    yield from _candidates_of_page(evidence, evidence.last, _LAST_PAGE_SCORE)


def _candidates_of_page(
    evidence: FileEvidence, lines: Sequence[SetLine], page_score: float
) -> Iterator[_DateCandidate]:
    for index, line in enumerate(lines):
        text = _LAYOUT_SPACE.sub("", nfkc(line.text))
        source = _describe_place(line, text)
        for mention in dates(text):
            score = page_score + _score_date(text, mention, line, evidence)
            if line.page == 1 and evidence.is_cover:
                score += _COVER_YEAR_SCORE if mention.granularity == "year" else _COVER_DATE_SCORE
            elif line.page == 1:
                score += _LAST_LINE_SCORE * index / len(lines)
            yield _DateCandidate(_iso_date(mention), mention.first, score, source)
    if evidence.is_cover:
        yield from _years_alone(lines)


def _years_alone(lines: Sequence[SetLine]) -> Iterator[_DateCandidate]:
    for line in lines:
        text = nfkc(line.text).strip()
        if line.page == 1 and re.fullmatch(r"20\d\d", text):
            yield _DateCandidate(text, date(int(text), 1, 1), _CERTAIN_SCORE, _describe_place(line, text))


def _iso_date(mention: DateMention) -> str:
    parts = mention.first.isoformat().split("-")
    return "-".join(parts[: _ISO_PARTS[mention.granularity]])


def _describe_place(line: SetLine, text: str) -> str:
    excerpt = text if len(text) <= _EXCERPT_CHARACTERS else f"{text[:_EXCERPT_CHARACTERS]}…"
    return f"{line.page}ページ目の「{excerpt}」" if line.size else f"本文の「{excerpt}」"


def _score_date(text: str, mention: DateMention, line: SetLine, evidence: FileEvidence) -> float:
    other_text = text[: mention.start] + text[mention.end :]
    context = text[max(0, mention.start - _CONTEXT_CHARACTERS) : mention.end + _CONTEXT_CHARACTERS]
    is_alone = len(_AROUND_LONE_DATE.sub("", other_text)) <= _MAX_LONE_CHARACTERS
    is_other_date = _OTHER_DATE_WORDS.search(context) or _AFTER_OTHER_DATE.match(text, mention.end)
    features = {
        "alone in its line": is_alone,
        "near a word of publication": bool(_PUBLICATION_WORDS.search(context)),
        "near a word of something else": bool(is_other_date),
        "right side of the page": evidence.width > 0 and line.left > evidence.width * _RIGHT_SIDE,
        "inside a sentence": len(other_text) > _SENTENCE_CHARACTERS and not is_alone,
    }
    score = _GRANULARITY_SCORES[mention.granularity]
    for feature, feature_score in _FEATURE_SCORES.items():
        score += feature_score * features[feature]
    return score


def _from_metadata(evidence: FileEvidence) -> ProposedValue | None:
    for mention in dates(nfkc(evidence.metadata.get("Title", ""))):
        if mention.granularity in ("day", "month"):
            return ProposedValue(_iso_date(mention), "PDF の属性（題名）にある日付", sure=False)
    return None


def _from_file_name(evidence: FileEvidence) -> ProposedValue | None:
    name = nfkc(evidence.path.stem)
    for mention in dates(name):
        if mention.granularity != "fiscal_year":
            return ProposedValue(_iso_date(mention), "ファイル名", sure=False)
    for pattern, century in ((_DAY_IN_FILE_NAME, 0), (_SHORT_DAY_IN_FILE_NAME, 2000)):
        if match := pattern.search(name):
            try:
                day = date(century + int(match["year"]), int(match["month"]), int(match["day"]))
            except ValueError:
                continue
            return ProposedValue(day.isoformat(), "ファイル名", sure=False)
    return None


def _from_creation_date(evidence: FileEvidence) -> ProposedValue | None:
    match = _CREATION_DATE.match(evidence.metadata.get("CreationDate", ""))
    if match is None:
        return None
    source = "PDF が作られた月（文書の中には日付がありません）"
    return ProposedValue(f"{match[1]}-{match[2]}", source, sure=False)


def propose_period(evidence: FileEvidence, title: str) -> ProposedValue | None:
    """Return the period of the document as [first, last] day; None if it states none."""
    lines = [_LAYOUT_SPACE.sub("", nfkc(line)) for line in evidence.text]
    for index, line in enumerate(lines):
        for label in _PERIOD_LABEL.finditer(line):
            text = " ".join((line[label.start() :], *lines[index + 1 : index + 1 + _PERIOD_LINES]))
            text = text[: len(label[0]) + _MAX_PERIOD_DISTANCE]
            if days := _find_range(text):
                is_certain = label[0].startswith("計画") or "の期間" in label[0]
                excerpt = text[:_PERIOD_EXCERPT_CHARACTERS].rstrip()
                return ProposedValue(days, f"本文の「{excerpt}…」", sure=is_certain)
    if days := _find_range(nfkc(title)):
        return ProposedValue(days, "題名にある年度", sure=False)
    return None


def _find_range(text: str) -> list[str] | None:
    for start, end in pairwise(dates(text)):
        joint = _NOT_IN_JOINT.sub("", text[start.end : end.start])
        years = end.last.year - start.first.year
        if _RANGE_JOINT.fullmatch(joint) and 0 < years <= _MAX_PERIOD_YEARS:
            first, last = _range_days(start, end)
            return [first.isoformat(), last.isoformat()]
    return None


def _range_days(start: DateMention, end: DateMention) -> tuple[date, date]:
    if "fiscal_year" in (start.granularity, end.granularity):
        first = date(start.first.year, 4, 1) if start.granularity == "year" else start.first
        last = date(end.first.year + 1, 3, 31) if end.granularity == "year" else end.last
        return first, last
    return start.first, end.last
