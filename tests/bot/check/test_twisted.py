"""What a passage says, turned: its exception told as its rule, its wish as its deed, its part as its whole."""

from datetime import date

import pytest

from bot.check.given import Given
from bot.check.verify import check
from bot.turn import Draft, Source
from ingest.documents import Cell, Document, Passage

GUIDE = Document("guide", "湯本町くらしの手引き", "g.md", "other", "湯本町", "2025-04", None, ())


def prose(text: str, *path: str) -> Passage:
    return Passage("guide#1", "guide", "text", path, text, (1,))


def row(n: int, *cells: tuple[str, str]) -> Passage:
    text = "\n".join(f"{column}: {value}" for column, value in cells)
    return Passage(f"guide#{n}", "guide", "row", ("担当",), text, (n,), cells=tuple(Cell(*cell) for cell in cells))


BOATS = prose(
    "渡し船は、北浜と南浜で日曜も運航しています。西浜では運航していません。"
    "乗船に年齢の制限はありません。団体で乗る場合は、10日前までに届け出ることを条件とします。",
    "渡し船",
)
FARES = prose("渡し船の料金は、大人が400円、子どもが250円です。回数券は第1種4,000円、第2種2,500円です。")
TALK = prose(
    "事務局(大槻課長) 昨年度の苦情は58件で、このうち騒音に関するものが21件である。船着場への売店の設置を検討する。\n"
    "夏目委員 町民が乗れない日がある。予約を求めるのはやめてほしい。\n"
    "大槻課長 定員24名は変えない。"
)
ROSTER = prose("会長 真壁 透(湯本大学)\n副会長 夏目 里子(旅館組合)\n事務局 観光課長 大槻、船舶係長 江波戸4 傍聴者 2名")
BOATYARD = row(2, ("施設", "船着場"), ("担当", "観光課"), ("工事", "令和8年度"))
PARK = row(3, ("施設", "海浜公園"), ("担当", "建設水道課"), ("工事", "令和9年度"))
PASSENGERS = row(4, ("指標", "乗客数"), ("目安値", "4,100人"), ("実績", "3,900人"))

RULES = prose(
    "貸しボートは中学生以上の方が借りられます。町民は半額です。ただし、小学生の付添いは無料です。"
    "桟橋での食事は禁止ですが、飲み物は持ち込めます。電話での申込みは受け付けていません。"
    "平日の当番は町が務めます。休日の当番は令和8年9月から組合に移します。"
    "使えるのは月2回までです。保険料の4分の3を補助します。利用した人の割合は18.4%で、3年前の21.9%を下回りました。"
    "大雨のときは、開始の時刻を早めることがあります。",
    "貸しボート",
)
MARKET = prose("直売所は水曜日と土曜日に開きます。")
WISHES = prose(
    "夏目委員 2人目からの船賃は半額にできないか。\n江波戸委員 桟橋に手すりを付けてほしい。\n"
    "大槻課長 建設水道課に伝える。"
)

TWISTED = {
    "another day of the week": ("直売所は火曜日と土曜日に開きます", MARKET),
    "another step of school": ("貸しボートは小学生から借りられますが、高校生も借りられます", RULES),
    "another's price": ("貸しボートは、町民は無料です", RULES),
    "allowed, told as forbidden": ("桟橋では飲み物も禁止されています", RULES),
    "the way that is closed": ("貸しボートの申込みは電話でも受け付けています", RULES),
    "weekdays for holidays": ("平日の当番は、令和8年9月から組合に移ります", RULES),
    "a week for a month": ("貸しボートを使えるのは週2回までです", RULES),
    "another fraction": ("保険料の2/3が補助されます", RULES),
    "less than before, told as more": ("利用した人の割合は18.4%で、3年前の21.9%より増えました", RULES),
    "it may change, told as fixed": ("大雨になっても、開始の時刻は変わりません", RULES),
    "a wish as what is": ("2人目からの船賃は半額になります", WISHES),
    "another wished it": ("桟橋の手すりは、夏目委員が要望しました", WISHES),
    "the exception as the rule": ("渡し船は日曜も西浜で運航しており、西浜でも乗れます", BOATS),
    "a limit that is none": ("乗船には年齢の制限があります", BOATS),
    "no condition where there is one": ("団体で乗る場合の条件はありません", BOATS),
    "without a condition": ("団体でも無条件で乗れます", BOATS),
    "no need to do what must be done": ("団体で乗る場合も、届け出る必要はありません", BOATS),
    "the next one's fare": ("渡し船の料金は、子どもが400円です", FARES),
    "the next class's price": ("回数券の第2種は4,000円です", FARES),
    "a part as all": ("昨年度の苦情は21件でした", TALK),
    "looked into, told as settled": ("船着場への売店の設置はすでに決まっています", TALK),
    "changed, though it stays": ("定員24名は引き上げます", TALK),
    "another holds the office": ("副会長は真壁透さんです", ROSTER),
    "another of the list holds it": ("船舶係長は大槻さんです", ROSTER),
    "the next row's office": ("船着場の担当は建設水道課です", BOATYARD),
    "a yardstick as the result": ("乗客数は4,100人でした", PASSENGERS),
    "less, told as more": ("乗客数の実績3,900人は、目安値の4,100人を上回りました", PASSENGERS),
    "three things nobody spoke of": ("渡し船の乗船には、保険証と印鑑と顔写真を添えます", BOATS),
}
TOLD = {
    "its day": ("直売所は土曜日にも開きます", MARKET),
    "its price": ("貸しボートは、町民なら半額です", RULES),
    "what is allowed": ("桟橋に飲み物は持ち込めます", RULES),
    "the way that is closed, as closed": ("貸しボートの電話での申込みは受け付けていません", RULES),
    "the holidays": ("休日の当番は、令和8年9月から組合に移ります", RULES),
    "so many a month": ("貸しボートを使えるのは月に2回までです", RULES),
    "a fraction in figures": ("保険料の3/4が補助されます", RULES),
    "less than before": ("利用した人の割合は18.4%で、3年前の21.9%より減りました", RULES),
    "a wish with who wished it": ("夏目委員は、2人目からの船賃を半額にできないかと尋ねました", WISHES),
    "who wished it": ("桟橋の手すりは、江波戸委員が要望しました", WISHES),
    "the rule": ("渡し船は、北浜では日曜も運航しています", BOATS),
    "the exception": ("西浜では渡し船を運航していません", BOATS),
    "no limit": ("乗船に年齢の制限はありません", BOATS),
    "the condition": ("団体で乗るには、10日前までに届け出ることが条件です", BOATS),
    "its own fare": ("渡し船の料金は、大人が400円、子どもが250円です", FARES),
    "its own class's price": ("回数券の第2種は2,500円です", FARES),
    "the part as one": ("昨年度の苦情のうち、騒音に関するものは21件でした", TALK),
    "the whole": ("昨年度の苦情は58件でした", TALK),
    "looked into": ("船着場への売店の設置を検討しています", TALK),
    "who holds the office": ("副会長は夏目里子さんです", ROSTER),
    "its own row's office": ("船着場の担当は観光課です", BOATYARD),
    "less": ("乗客数の実績3,900人は、目安値の4,100人を下回りました", PASSENGERS),
}


def problems(said: str, passage: Passage) -> list[str]:
    others = tuple(p for p in (BOATYARD, PARK) if passage.cells and p is not passage)
    passages = (passage, *others) if passage is BOATYARD else (passage,)
    marks = "".join(f"[{n}]" for n in range(1, len(passages) + 1))
    sources = tuple(Source(p, p.text.splitlines()[0]) for p in passages)
    return check(Draft(f"{said}{marks}。", sources), Given((GUIDE,), passages, "", date(2026, 6, 1)))


@pytest.mark.parametrize("twisted", TWISTED.values(), ids=TWISTED)
def test_what_a_passage_says_is_not_told_turned(twisted: tuple[str, Passage]) -> None:
    """A sentence that turns what its passage says is refused."""
    assert problems(*twisted)


@pytest.mark.parametrize("told", TOLD.values(), ids=TOLD)
def test_what_a_passage_says_may_be_told(told: tuple[str, Passage]) -> None:
    """The same matters told as they stand hold."""
    assert problems(*told) == []
