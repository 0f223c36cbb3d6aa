"""What headings and notices say of their own validity: another plan, a cancelled event."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from ingest.documents import Document, NoticeState, ParsedDocument
from ingest.japanese import Time, dates
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.normal_forms import comparison_key, nfkc
from ingest.publications import published_on

# Characters; a longer heading is a sentence.
LONGEST_HEADING = 40
_PLANS = load_lexicon("plans")
_PLAN = rf"{any_of(_PLANS['plans'] + _PLANS['in_titles'])}(?:\d+(?:\.\d+)*)?"


@lru_cache(maxsize=4096)
def other_plan_heading(document: Document, path: tuple[str, ...]) -> str:
    """Return the innermost outer heading of `path` that names another plan, or a year outside the document's time.

    Returns "" if there is none. A plan is recognised by issuer, number or quotation marks (杉森市緑の計画, 第2次計画,
    「緑の計画」), because 計画 alone may be any.
    """
    numbers = re.findall(r"第\d+[次期]", nfkc(document.title))
    names = "\n".join(_base_name(name, document.issuer, numbers) for name in (document.title, *document.aliases))
    issuer = f"|{re.escape(nfkc(document.issuer))}" if document.issuer else ""
    plan = re.compile(rf"(?:「|第\d+[次期]{issuer})[^「」\s、。]{{0,60}}?{_PLAN}")
    for heading in reversed(path[:-1]):
        text = nfkc(heading)
        others = [
            match[0] for match in plan.finditer(text) if _base_name(match[0], document.issuer, numbers) not in names
        ]
        other_years = [mention for mention in dates(text) if not _is_of_own_time(document, mention)]
        if (
            len(text) <= LONGEST_HEADING
            and (others or other_years)
            and _base_name(text, document.issuer, numbers) not in names
        ):
            return heading
    return ""


def _base_name(name: str, issuer: str, numbers: Iterable[str]) -> str:
    text = comparison_key(nfkc(name).strip("「"))
    for part in filter(None, (comparison_key(issuer), *numbers)):
        text = text.replace(part, "")
    return re.sub(r"^(?:における|の)", "", text)


def _is_of_own_time(document: Document, mention: Time) -> bool:
    published = published_on(document)
    period = document.period
    in_period = period is not None and mention.first <= period.end and period.start <= mention.last
    in_year = published is not None and mention.first.year <= published.year <= mention.last.year
    return in_period or in_year or not (published or period)


_MAX_LINE_LENGTH = 60
_LEAD_LINES = 3
# After the word: its heading or bracket ends, or its sentence says that this has been decided.
_STATED = (
    r"(?:(?:について)?(?=$|[\])}」』〉】!\s])|の(?:お知らせ|ご案内)|を決定"
    r"|[とにを]?(?:決定)?(?:いた)?(?:し|なり)ま(?:した(?!が)|す))"
)
_WORDS: Mapping[NoticeState, re.Pattern[str]] = {
    "cancelled": re.compile(f"中止{_STATED}"),
    "postponed": re.compile(f"延期{_STATED}"),
    "extended": re.compile(f"(?:期間|期限|締切)[のを]?延長{_STATED}"),
    "closed": re.compile(f"(?:受付|募集|申込み?)[をは]?(?:終了|停止){_STATED}"),
    "full": re.compile(r"満員|定員に達し"),
    "suspended": re.compile(f"休止{_STATED}|(?:休[止業館園場診]|停止|準備|調整)中"),
    "ended": re.compile(r"終了(?:いた)?(?:しました|(?:のお知らせ)?(?:$|[\])}」』〉】]))"),
}
# What may happen, happens in part or happened before is no state: 雨天の場合は中止します.
_CONDITION = re.compile(
    r"雨天|荒天|悪天候|場合|とき|[時際]は|次第|たら|れば|ないと|恐れ|おそれ|ことがあ|可能性|決行|一部|昨年|前年"
    r"|[・や](?:中止|延期)|(?:中止|延期)[・や]|使用[のを]?中止|\d[時日分)]*\s*(?:受付|募集|申込み?)終了"
)
_KINDS_WITH_STATE = ("notice", "other")
# A line that lists one event of several.
_ITEM = ("・", "-", "○", "●", "■")


def find_state(parsed: ParsedDocument) -> NoticeState:
    """Return the state that the title or the first lines of a notice say; "" for none, and for other kinds."""
    if not parsed.passages:
        return ""
    first = parsed.passages[0]
    lines = [parsed.document.title]
    if all(passage.path[: len(first.path)] == first.path for passage in parsed.passages):  # not one event of several
        lead = [line for line in first.text.split("\n") if line.strip()] if first.kind == "text" else []
        lines += [*first.path, *(line for line in lead[:_LEAD_LINES] if not line.startswith(_ITEM))]
    return next(filter(None, (state_of_line(parsed.document, line) for line in lines)), "")


def state_of_line(document: Document, line: str) -> NoticeState:
    """Return the state that a heading or line of a notice says of what it names; "" for none, and for other kinds."""
    if document.kind not in _KINDS_WITH_STATE:
        return ""
    sentences = (one for one in nfkc(line).split("。") if len(one) <= _MAX_LINE_LENGTH and not _CONDITION.search(one))
    return next((state for one in sentences for state, word in _WORDS.items() if word.search(one)), "")
