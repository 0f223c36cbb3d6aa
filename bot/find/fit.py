"""Whether a piece of evidence can be the answer at all: it holds the kind of thing asked for, of the time asked for."""

import re
from collections.abc import Callable
from itertools import pairwise

from bot.check.names import addresses
from bot.check.roles import role_of_column
from bot.find.evidence import Evidence, content_terms_cached, speaker_of
from bot.find.other_row import names_other_row
from bot.find.sought import Sought
from bot.find.units import same_unit
from bot.understand.asked import Kind
from bot.understand.thesaurus import same_meaning
from ingest.documents import Document
from ingest.normalise import DateMention, dates, nfkc
from ingest.tokenise import morphemes

_CONTACT = re.compile(r"\d{2,5}-\d{1,4}-\d{3,4}|〒|内線")
# A rate may be a bare number (合計特殊出生率 1.32), unless it is asked for in hundredths.
_ASKS_SHARE = re.compile(r"%|パーセント|割")
_CURRENCIES = frozenset({"円", "ドル"})
_LENGTHS = frozenset({"か年", "年間", "か月", "か月間", "週間", "日間", "日", "時間"})
_PLACE = re.compile(r"館|窓口|センター|会場|[号番]室|\d階|庁舎|公園")
# What a noun ends in that names a person, a role or a body.
_PERSON = re.compile(
    r"[長者員民課局部会室署団士官]$|大学|企業|会議|本部|組織|市民|住民|職員|町会|学校|会社|協会|組合|法人|児童$|生徒$|年生$"
)
# A time said without its year, or by its distance: 9月末, 7日前; and what comes back: 毎年度.
_RELATIVE_TIME = re.compile(
    r"(?:昨|今|来|再来|翌)年度?|(?:1[0-2]|[1-9])月(?:[1-3]?\d日|末|上旬|中旬|下旬|頃)?|\d+(?:日|週間|か月|年|時間|分)(?:前|後|以内)"
)
_ASKS_DATES = re.compile(r"いつ|何年(?:度|から|まで|に)|西暦|和暦")
_ASKS_HOUR = re.compile(r"何時(?!間)|なんじ")
_HOUR = re.compile(r"\d{1,2}(?:時(?!間)|:\d\d)|午前|午後|正午")
WEEKDAY = re.compile(r"[月火水木金土日]曜|毎日|年中無休")
_ASKS_SPAN = re.compile(r"期間|から.{0,6}まで|始まりと終わり")
_DAYS_LONG = re.compile(r"何日(?:間|まで|くらい|ぐらい|使|泊)")
_YEARLESS_SPAN = re.compile(r"\d月\d{1,2}日\S{0,4}(?:から|~)\S{0,4}\d{1,2}[月日]")
_RECURRENCE = re.compile(r"毎[年月週日]|隔週|[月火水木金土日]曜")
_ASKS = re.compile(r"[かの]\s?[。?]?$|\?$")
_EVERY = re.compile(r"一覧|すべて|全て|全部|リスト|列挙|種類|内訳|名前")
_GIVES_REASON = re.compile(r"ため|ので|ことから|により|よって|理由|原因|目的|めざ|目指|踏まえ|鑑み|背景|ねらい")
_HAPPENED = re.compile(r"(?:まし|だっ|[いっし])た[。」)]*$")
_YEARS = frozenset({"year", "fiscal_year"})
_PLANS = frozenset({"計画", "プラン", "戦略", "指針", "方針"})
_ENUMERATION = re.compile(r"・|や(?=[^。])|及び|および|(?:[^、。]{1,20}、){2,}|」[、や]?と?「|次の|以下の")


def fits(evidence: Evidence, sought: Sought, document: Document) -> bool:
    """Whether the piece can answer: it says more than the question, is of its dates, and holds what it asks for."""
    title = content_terms_cached(document.title)
    says_more = not evidence.own <= sought.words | sought.documents_named | sought.asked.hints | title
    if evidence.kind in {"sentence", "item"} and (not says_more or _ASKS.search(evidence.normal)):
        return False
    if sought.asked.excepted and evidence.kind in {"row", "item"} and _is_excepted(evidence, sought.asked.excepted):
        return False
    if not _is_of_plan(evidence, sought, document) or names_other_row(evidence, sought.asked.text):
        return False
    operand = evidence.kind == "row" and sought.reckoning is not None
    return _is_of_dates(evidence, sought, document) and (operand or answers_alone(evidence, sought))


def _is_excepted(evidence: Evidence, excepted: tuple[str, ...]) -> bool:
    """Whether the row or item is the one that the question leaves out, by the words that name it."""
    name = evidence.passage.cells[0].value if evidence.kind == "row" else evidence.text
    return any(name.lstrip("「【").startswith(word) for word in excepted)


def _is_of_plan(evidence: Evidence, sought: Sought, document: Document) -> bool:
    """Whether minutes that may tell what came of the plan that is named speak of that plan."""
    if not sought.scope.named or document.id in sought.scope.named | sought.scope.compared:
        return True
    text = re.sub(r"\s", "", nfkc(" ".join((*evidence.passage.path, evidence.text)))).casefold()
    return any(re.sub(r"\s", "", nfkc(name)).casefold() in text for name in sought.scope.consumed)


def _is_of_dates(evidence: Evidence, sought: Sought, document: Document) -> bool:
    """Whether each date of the question is one of the piece, its headings, or its document's title."""
    if not sought.dates:
        return True
    heads = [cell.column for cell in evidence.passage.cells]
    context = (evidence.lead, *heads, *evidence.passage.path, document.title)
    stated = [*evidence.dates, *(m for part in context for m in dates(nfkc(part)))]
    if sought.asked.kind is Kind.PERIOD or sought.asked.yesno or _asks_which_plan(sought, document):
        stated += spans(evidence.normal)
    # The outermost heading is the document's own, with the date of its making.
    over = (evidence.lead, *heads, *evidence.passage.path[1:])
    dated = [*evidence.dates, *(m for part in over for m in dates(nfkc(part)))]
    if document.id in sought.scope.governing and not dated and _is_rule(evidence, sought):
        return True
    return all(any(_is_of(m, wanted, evidence) for m in stated) for wanted in sought.dates)


def _is_of(stated: DateMention, wanted: DateMention, evidence: Evidence) -> bool:
    """Whether what is stated is of the time wanted; the year over a piece tells nothing of one of its months."""
    coarse = stated.granularity in _YEARS and wanted.granularity not in _YEARS
    if coarse and stated not in evidence.dates:
        return False
    return wanted.first <= stated.last and stated.first <= wanted.last


def _asks_which_plan(sought: Sought, document: Document) -> bool:
    """Whether the question names nothing but plans (令和10年度はどの計画?)."""
    things = {t.text for t in sought.terms if t.weight >= 1.0}
    return things <= _PLANS | content_terms_cached(document.title)


def _is_rule(evidence: Evidence, sought: Sought) -> bool:
    """Whether the piece tells what holds while its document is in force: no figure measured, nothing that happened."""
    measured = "result" in sought.asked.aspects or any(role_of_column(c.column) for c in evidence.passage.cells)
    named = {t.text for t in sought.terms if t.weight >= 1.0}
    missing = [word for word in named if same_meaning(word).isdisjoint(evidence.around)]
    about = not missing if sought.asked.kind is Kind.QUANTITY else len(missing) < max(len(named), 2)
    return bool(named) and about and not measured and not _HAPPENED.search(evidence.normal)


def spans(text: str) -> list[DateMention]:
    """Return the ranges written between two dates (2026年度~2029年度, 2026年度から2029年度まで) in normalised text."""
    return [
        DateMention(a.start, b.end, a.first, b.last, a.granularity)
        for a, b in pairwise(dates(text))
        if re.fullmatch(r"\s?(?:~|-|から|より)\s?", text[a.end : b.start])
    ]


def answers_alone(evidence: Evidence, sought: Sought) -> bool:
    """Whether the piece holds the kind of thing asked for; a row that does not may be one that is reckoned with."""
    holds = _HOLDS.get(sought.asked.kind)
    if holds is not None and not holds(evidence, sought):
        return False
    if evidence.kind == "row" and sought.asked.aspects and sought.asked.kind is not Kind.LIST:
        return any(role_of_column(c.column) for c in evidence.passage.cells)
    return True


def _contact(evidence: Evidence, _: Sought) -> bool:
    return bool(_CONTACT.search(evidence.normal) or addresses(evidence.normal))


def _money(evidence: Evidence, _: Sought) -> bool:
    return evidence.kind != "list" and bool(evidence.units & _CURRENCIES)


def _quantity(evidence: Evidence, sought: Sought) -> bool:
    if evidence.kind == "list":
        return False
    if not sought.asked.unit or sought.asked.unit == "つ":
        return bool(evidence.units) or ("年度" in sought.asked.text and bool(evidence.dates))
    bare = sought.asked.unit == "%" and evidence.kind == "row" and "" in evidence.units
    if bare and not _ASKS_SHARE.search(sought.asked.text):
        return True
    return any(same_unit(unit, sought.asked.unit) for unit in evidence.units)


def _date(evidence: Evidence, sought: Sought) -> bool:
    question, found = sought.asked.text, evidence.dates
    if _ASKS_HOUR.search(question):
        return bool(_HOUR.search(evidence.normal))
    if "何曜" in question and WEEKDAY.search(evidence.normal):
        return True
    if _DAYS_LONG.search(question) and evidence.units & {"日", "日間"}:
        return True
    if re.search(r"何日|何曜|日程|日時", question):
        return any(m.granularity == "day" for m in found)
    if "何月" in question:
        return any(m.granularity in {"day", "month"} for m in found) or _is_relative(evidence)
    return bool(found) or _is_relative(evidence) or bool(_RECURRENCE.search(evidence.normal))


def _is_relative(evidence: Evidence) -> bool:
    """Whether a time without its year stands in the piece outside its dates."""
    return any(
        not any(d.start <= match.start() < d.end for d in evidence.dates)
        for match in _RELATIVE_TIME.finditer(evidence.normal)
    )


def _period(evidence: Evidence, sought: Sought) -> bool:
    found, text = evidence.dates, evidence.normal
    if not found and not _is_relative(evidence) and _ASKS_DATES.search(sought.asked.text):
        return False
    if evidence.units & _LENGTHS or spans(text):
        return True
    if _ASKS_SPAN.search(sought.asked.text):
        return bool(_YEARLESS_SPAN.search(text))
    if _is_relative(evidence):
        return True
    return any(text[d.end :].lstrip(" 末").startswith("まで") for d in found)


def _person(evidence: Evidence, sought: Sought) -> bool:
    """Whether the piece names a person, role or body that the question does not name; asked for a name, only a name."""
    if re.search(r"氏名|名前|フルネーム", sought.asked.text):
        return any(m.pos[2:3] == ("人名",) for m in morphemes(evidence.normal))
    if sought.asks_speaker and speaker_of(evidence):
        return True
    question = re.sub(r"ど(?:この|の)[課部局室係]", "", sought.asked.text)
    named = {m.surface for m in morphemes(question, "C")}
    nouns = (m.surface for m in morphemes(evidence.normal, "C") if m.is_noun)
    return any(_PERSON.search(noun) and noun not in named for noun in nouns)


def _place(evidence: Evidence, sought: Sought) -> bool:
    return bool(_PLACE.search(evidence.normal) or addresses(evidence.normal)) or _person(evidence, sought)


def _reason(evidence: Evidence, sought: Sought) -> bool:
    """Whether the piece gives a reason; needed where what was told before is asked back, as it gave none."""
    told_before = bool(sought.asked.told) or evidence.kind == "row"  # a figure is no reason, its note may be one
    return not told_before or bool(_GIVES_REASON.search(evidence.normal))


def _list(evidence: Evidence, sought: Sought) -> bool:
    """Whether the piece enumerates; a row does where its table is what the question names."""
    if evidence.kind == "row":
        return bool(sought.words & content_terms_cached(evidence.passage.section))
    if evidence.kind == "sentence" and _EVERY.search(sought.asked.text):
        return bool(_ENUMERATION.search(evidence.normal))
    return True


_HOLDS: dict[Kind, Callable[[Evidence, Sought], bool]] = {
    Kind.CONTACT: _contact,
    Kind.MONEY: _money,
    Kind.QUANTITY: _quantity,
    Kind.WHEN: _date,
    Kind.PERIOD: _period,
    Kind.WHO: _person,
    Kind.WHERE: _place,
    Kind.LIST: _list,
    Kind.WHY: _reason,
}
