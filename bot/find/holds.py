"""Whether a piece holds the kind of thing that is asked for: a sum of money, an hour, a person, a reason."""

import re
from collections.abc import Callable
from functools import lru_cache

from bot.check.names import addresses
from bot.check.roles import role_of_column
from bot.find.evidence import Evidence, content_terms_cached, speaker_of
from bot.find.hours import HOUR, asks_hour
from bot.find.office import office_asked, tells_holder
from bot.find.period import is_relative, tells_period
from bot.find.sought import Sought
from bot.find.units import same_unit
from bot.understand.asked import Kind
from ingest.normalise import dates, nfkc, quantities
from ingest.tokenise import morphemes

_CONTACT = re.compile(r"\d{2,5}-\d{1,4}-\d{3,4}|〒|内線")
# A rate may be a bare number (合計特殊出生率 1.32), unless it is asked for in hundredths.
_ASKS_SHARE = re.compile(r"%|パーセント|割")
_ASKS_FORECAST = re.compile(r"見通し|推計|予測|将来")
_FORECAST = re.compile(r"見通|見込|推計|予測|想定|将来|推移|目標")
_CURRENCIES = frozenset({"円", "ドル"})
# That it costs nothing answers what it costs.
_FREE = re.compile(r"無料|無償|(?:費用|料金|お金|手数料|負担)\S{0,4}(?:かかりません|かからな|ありません|不要)")
_PLACE = re.compile(r"(?<![休開閉来入退全])館|窓口|センター|会場|[号番]室|\d階|庁舎|公園")
# Ground on which something is put up or kept, and that it is: 旧工場跡地に…を建設する, 駅前広場で開く.
_SITE = re.compile(
    r"(?:跡地?|用地|敷地|構内|校内|園内|場内|隣(?:接地)?|となり|地内|地区|団地|[駅校門]前|広場|役場|支所|学校|校舎|校庭|工場|倉庫|ホール|プラザ|沿い|付近)"
    r"(?:内|の?(?:一角|一部|北側|南側|東側|西側|横|裏))?[にで](?!は)[^。]{0,40}?"
    r"(?:建設|建て|建つ|建ち|設置|設け|置[きくかい]|新設|移転|移[しす]|開設|開[きくい]|整備|つくる|作[りるっ]|行[いうわ]|配置)"
)
# What a noun ends in that names a person, a role or a body.
_PERSON = re.compile(
    r"[長者員民課局部会室署団士官]$|大学|企業|会議|本部|組織|市民|住民|職員|町会|学校|会社|協会|組合|法人|児童$|生徒$|年生$"
)
WEEKDAY = re.compile(r"[月火水木金土日]曜|毎日|年中無休")
_DAYS_LONG = re.compile(r"何日(?:間|まで|くらい|ぐらい|使|泊)")
_YEARLESS_DAY = re.compile(r"(?<!\d)(?:1[0-2]|[1-9])月[1-3]?\d日")
_RECURRENCE = re.compile(r"毎[年月週日]|隔週|[月火水木金土日]曜")
_EVERY = re.compile(r"一覧|すべて|全て|全部|リスト|列挙|種類|内訳|名前")
_GIVES_REASON = re.compile(r"ため|ので|ことから|により|よって|理由|原因|目的|めざ|目指|踏まえ|鑑み|背景|ねらい")
_REASONS_OVER = re.compile(r"理由|原因|要因|背景|目的|課題|経緯|ねらい|効果|趣旨|必要性")
_CLAUSE = re.compile(r"[はがをにへで、。]")
# That there is no figure yet, or that nobody counted, answers for one.
_UNDECIDED = re.compile(
    r"未定|決まってい(?:ない|ません)"
    r"|(?:算出|集計|調査|計測|測定|把握|公表|統計)(?:を|は)?(?:し|行っ|行な?わ|実施し|取っ|とっ|され|せ)?(?:て?い)?(?:ない|ません|ず、)"
)
_FIGURES = frozenset({Kind.MONEY, Kind.QUANTITY, Kind.WHEN, Kind.PERIOD})
_ENUMERATION = re.compile(r"・|や(?=[^。])|及び|および|(?:[^、。]{1,20}、){2,}|」[、や]?と?「|次の|以下の")


def answers_alone(evidence: Evidence, sought: Sought) -> bool:
    """Whether the piece holds the kind of thing asked for; a row that does not may be one that is reckoned with."""
    holds = _HOLDS.get(sought.asked.kind)
    if sought.asked.kind in _FIGURES and evidence.kind == "sentence" and _UNDECIDED.search(evidence.normal):
        return True
    if sought.asked.kind in {Kind.WHEN, Kind.PERIOD} and not asks_hour(sought.asked.text) and _is_schedule(evidence):
        return True
    if holds is not None and not holds(evidence, sought):
        return False
    if evidence.kind == "row" and sought.asked.aspects and sought.asked.kind is not Kind.LIST:
        return any(role_of_column(c.column) for c in evidence.passage.cells)
    return True


def label_over(evidence: Evidence) -> str:
    """Return the line over an item where it is a name (金沢市DX会議) rather than a clause, else an empty string."""
    lead = nfkc(evidence.lead)
    return lead if evidence.kind == "item" and not _CLAUSE.search(lead) else ""


def _contact(evidence: Evidence, _: Sought) -> bool:
    return bool(_CONTACT.search(evidence.normal) or addresses(evidence.normal))


def _money(evidence: Evidence, _: Sought) -> bool:
    if evidence.kind != "row" and _FREE.search(evidence.normal):
        return True
    return evidence.kind != "list" and bool(evidence.units & _CURRENCIES)


def _quantity(evidence: Evidence, sought: Sought) -> bool:
    if evidence.kind == "list" or (_ASKS_FORECAST.search(sought.asked.text) and not _looks_ahead(evidence, sought)):
        return False
    if not sought.asked.unit or sought.asked.unit == "つ":
        return bool(evidence.units) or ("年度" in sought.asked.text and bool(evidence.dates))
    bare = sought.asked.unit == "%" and evidence.kind == "row" and "" in evidence.units
    if bare and not _ASKS_SHARE.search(sought.asked.text):
        return True
    wanted = ("%", "割") if sought.asked.unit in {"%", "割"} else (sought.asked.unit,)
    return any(same_unit(unit, one) for unit in evidence.units for one in wanted)


def _looks_ahead(evidence: Evidence, sought: Sought) -> bool:
    """Whether a figure of the piece may be of a time to come: it is called so, or a date of it is later than today."""
    written = f"{evidence.normal} {nfkc(' '.join(evidence.passage.path))}"
    heads = [m for c in evidence.passage.cells for m in dates(nfkc(c.column))]
    later = any(m.last > sought.scope.as_of for m in (*evidence.dates, *heads))
    return later or bool(_FORECAST.search(written))


def _date(evidence: Evidence, sought: Sought) -> bool:
    question, found = sought.asked.text, evidence.dates
    if asks_hour(question):
        return bool(HOUR.search(evidence.normal))
    if "何曜" in question and WEEKDAY.search(evidence.normal):
        return True
    if _DAYS_LONG.search(question) and evidence.units & {"日", "日間"}:
        return True
    if re.search(r"何日|何曜|日程|日時|日にち|期日", question):
        return any(m.granularity == "day" for m in found) or bool(_YEARLESS_DAY.search(evidence.normal))
    if "何月" in question:
        return any(m.granularity in {"day", "month"} for m in found) or is_relative(evidence)
    return bool(found) or is_relative(evidence) or bool(_RECURRENCE.search(evidence.normal))


def _is_schedule(evidence: Evidence) -> bool:
    """Whether the piece is a row of a schedule: words, not figures, under two years and more."""
    cells = evidence.passage.cells if evidence.kind == "row" else ()
    return sum(bool(dates(nfkc(c.column))) and not quantities(nfkc(c.value)) for c in cells) > 1


def _person(evidence: Evidence, sought: Sought) -> bool:
    """Whether the piece names a person, role or body that the question does not name; asked for a name, only a name."""
    if re.search(r"氏名|名前|フルネーム|何という(?:方|人)|何さん", sought.asked.text):
        return any(m.pos[2:3] == ("人名",) for m in morphemes(evidence.normal))
    if office := office_asked(sought.asked.text):
        return tells_holder(evidence, office)
    if sought.asks_speaker and speaker_of(evidence):
        return True
    question = re.sub(r"ど(?:この|の)[課部局室係]", "", sought.asked.text)
    told = _persons(f"{label_over(evidence)} {evidence.normal}")
    return bool(told) and not told <= _surfaces(question)


@lru_cache(maxsize=20_000)
def _persons(text: str) -> frozenset[str]:
    """Return the nouns of a piece that name a person, role or body: few, and the same for every question."""
    return frozenset(m.surface for m in morphemes(text, "C") if m.is_noun and _PERSON.search(m.surface))


@lru_cache(maxsize=64)
def _surfaces(question: str) -> frozenset[str]:
    return frozenset(m.surface for m in morphemes(question, "C"))


def _place(evidence: Evidence, sought: Sought) -> bool:
    text = evidence.normal.casefold()
    for named in sought.asked.compounds:  # what the question is about is not where it is
        text = text.replace(named, "")
    told = _PLACE.search(text) or _SITE.search(text) or addresses(evidence.normal)
    return bool(told) or _person(evidence, sought)


def _reason(evidence: Evidence, sought: Sought) -> bool:
    """Whether the piece gives a reason; needed where what was told before is asked back, as it gave none."""
    # A figure is no reason, its note may be one; nor is a name.
    told_before = bool(sought.asked.told) or evidence.kind == "row" or _is_name(evidence)
    return not told_before or bool(_GIVES_REASON.search(evidence.normal))


def _is_name(evidence: Evidence) -> bool:
    """Whether an item, or each of a list, under no heading of reasons says nothing of what it names (欠席 早川委員)."""
    over = f"{evidence.lead}{evidence.passage.section}"
    if evidence.kind not in {"item", "list"} or _REASONS_OVER.search(over):
        return False
    named = evidence.items or (evidence.text,)
    return not any(m.pos[0] in {"動詞", "形容詞"} for item in named for m in morphemes(nfkc(item)))


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
    Kind.PERIOD: tells_period,
    Kind.WHO: _person,
    Kind.WHERE: _place,
    Kind.LIST: _list,
    Kind.WHY: _reason,
}
