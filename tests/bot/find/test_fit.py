"""Whether a piece can be the answer at all: does it hold the kind of thing that is asked for, of the time asked for."""

from dataclasses import replace
from datetime import date

import pytest

from bot.find.fit import fits
from bot.find.pieces import pieces
from bot.find.sought import Sought
from bot.understand.question import understand
from bot.understand.scope import Scopes
from ingest.documents import Cell, Document, Passage, PassageKind

MEETING = Document("d", "令和6年度 第2回 環境会議", "d.md", published="2025-02")


GUIDE = Document("g", "みどりの手引き", "g.md")


def can_answer(question: str, text: str, *path: str, kind: PassageKind = "text", piece: str = "") -> bool:
    """Tell whether a passage with this text fits the question: by its first piece, or its first of the kind `piece`."""
    return fits_in(MEETING, question, text, *path, kind=kind, piece=piece)


def fits_in(
    document: Document, question: str, text: str, *path: str, kind: PassageKind = "text", piece: str = ""
) -> bool:
    """Tell the same of a passage of `document`."""
    cells = tuple(Cell(*line.split(": ", 1)) for line in text.split("\n")) if kind == "row" else ()
    passage = Passage("d#1", "d", kind, path or ("取組",), text, (1,), cells=cells)
    asked = understand(question, date(2026, 6, 1))
    sought = Sought(asked, Scopes([document])(asked, date(2026, 6, 1)))
    return fits(next(p for p in pieces(passage) if piece in {"", p.kind}), sought, document)


UNITS = [
    ("植樹は何本ですか", "植樹は5,200本です。", True),
    ("植樹は何本ですか", "植樹は12か所で行いました。", False),
    ("植樹は何本ですか", "植樹を進めます。", False),
    ("公園は何か所ですか", "公園は12ヶ所です。", True),
    ("講座には何人来ましたか", "講座には1,340名が来ました。", True),
    ("期間は何年ですか", "期間は4か年です。", True),
    ("相談は何回ありましたか", "相談は650件でした。", True),
    ("削減率は何%ですか", "12%減りました。", True),
    ("削減率は", "120kg減りました。", False),
    ("参加者数は", "第2回の講座です。", False),
    ("指標はいくつありますか", "指標は3つです。", True),
    ("券を受け取った人は何人いますか", "券を1人1回に限り渡します。", False),
    ("券を受け取った人は何人いますか", "券を1人が受け取りました。", True),
    ("講座は何人まで入れますか", "定員は未定です。", True),
    ("植樹の本数は", "木を植えています。", False),
    ("反対の人は何割ですか", "反対は38.5%でした。", True),
    ("反対の人は何割ですか", "反対は385人でした。", False),
]


@pytest.mark.parametrize(("question", "text", "fit"), UNITS)
def test_a_figure_needs_the_unit_asked_for(question: str, text: str, *, fit: bool) -> None:
    """人 by 名, 回 by 件, か年 by 年, but not か所 for 本; an ordinal is no figure."""
    assert can_answer(question, text) is fit


DATES = [
    ("会議はいつですか", "会議は令和7年2月14日に開きました。", True),
    ("会議はいつですか", "会議は市民会館で開きました。", False),
    ("会議は何月何日ですか", "会議は令和7年2月14日に開きました。", True),
    ("会議は何日ですか", "会議は令和7年2月に開きました。", False),
    ("会議は何月ですか", "会議は令和7年2月に開きました。", True),
    ("会議は何月ですか", "会議は令和7年に開きました。", False),
    ("会議は何月何日ですか", "会議は5月20日(火)に開きます。", True),
]


@pytest.mark.parametrize(("question", "text", "fit"), DATES)
def test_a_date_as_exact_as_it_is_asked_for(question: str, text: str, *, fit: bool) -> None:
    """A day for 何日, a month for 何月, any date for いつ."""
    assert can_answer(question, text) is fit


PERIODS = [
    ("計画の期間は", "令和7年度から令和10年度までとします。", True),
    ("計画の期間は", "2025年度~2028年度の計画です。", True),
    ("計画の期間は", "計画は4か年とします。", True),
    ("計画の期間は", "令和7年2月に策定しました。", False),
    ("計画の期間は", "計画を進めます。", False),
    ("計画はいつまでですか", "令和10年度までの計画です。", True),
    ("計画はいつからですか", "計画は4か年とします。", False),
    ("募集の期限は", "令和7年3月末までに届け出ます。", True),
    ("工場はいつから動いていますか", "工場は平成8年度に稼働しました。", True),
    ("工場はいつから動いていますか", "平成31年度に工場を調べました。", False),
    ("募集の締切はいつですか", "募集は令和7年5月12日(月)から6月6日(金)までです。", True),
    ("募集の締切はいつですか", "募集は令和7年5月12日(月)に始めます。", False),
    ("割引はいつからですか", "運賃を令和7年10月(予定)から半額とします。", True),
    ("試行はいつからいつまでですか", "6月から翌年1月まで試します。", True),
    ("委員の任期は何年ですか", "任期は3年とします。", True),
]


@pytest.mark.parametrize(("question", "text", "fit"), PERIODS)
def test_a_period_needs_a_length_or_an_end(question: str, text: str, *, fit: bool) -> None:
    """A span, a length or a date with まで; one date alone is no period, and a length has no beginning."""
    assert can_answer(question, text) is fit


OF_DATES = [
    ("令和5年度の植樹は何本ですか", "令和5年度は300本植えました。", True),
    ("令和5年度の植樹は何本ですか", "2023年度は300本植えました。", True),
    ("令和5年度の植樹は何本ですか", "令和6年度は300本植えました。", False),
    ("令和5年度の植樹は何本ですか", "300本植えました。", False),
    ("令和6年度の植樹は何本ですか", "300本植えました。", True),
    ("令和6年12月の植樹は何本ですか", "令和6年12月に300本植えました。", True),
    ("2022年度は計画の期間ですか", "2021年度~2024年度の計画です。", True),
    ("2030年度は計画の期間ですか", "2021年度~2024年度の計画です。", False),
]


@pytest.mark.parametrize(("question", "text", "fit"), OF_DATES)
def test_a_piece_is_of_the_dates_asked_about(question: str, text: str, *, fit: bool) -> None:
    """By its own dates, in 和暦 or 西暦, by its document's title, or by a range that covers the year."""
    assert can_answer(question, text) is fit


def test_a_heading_tells_the_year_of_what_stands_under_it() -> None:
    """A passage under 令和5年度の実績 is of that year."""
    assert can_answer("令和5年度の植樹は何本ですか", "300本植えました。", "令和5年度の実績")


PEOPLE = [
    ("本部長は誰ですか", "副市長が務めます。", True),
    ("本部長は誰ですか", "毎年見直します。", False),
    ("会議には誰が出ますか", "学識経験者及び市長で構成します。", True),
    ("担当は誰ですか", "環境政策課が受け付けます。", True),
    ("市長は誰ですか", "市長が決めます。", False),
    ("市長の名前は何ですか", "副市長と市民が出ます。", False),
    ("市長の名前は何ですか", "市長は田中一郎です。", True),
    ("館長は誰ですか", "会議は、学識経験者と館長で構成します。", False),
    ("館長は誰ですか", "学芸員を館長とします。", True),
    ("会長だった人はだれ", "山田花子会長、鈴木委員ほか", True),
    ("市長は誰", "委員長: 副市長", False),
]


@pytest.mark.parametrize(("question", "text", "fit"), PEOPLE)
def test_who_needs_a_person_or_body_that_the_question_does_not_name(question: str, text: str, *, fit: bool) -> None:
    """A role or body answers who; only a name answers the question for a name."""
    assert can_answer(question, text) is fit


MONEY = [
    ("補助はいくらですか", "1件につき8万円を補助します。", True),
    ("予算額は", "予算は3億円です。", True),
    ("補助はいくらですか", "650件を補助しました。", False),
    ("補助金の額は", "補助を行います。", False),
    ("ごみの量はいくらですか", "520gです。", False),
]


@pytest.mark.parametrize(("question", "text", "fit"), MONEY)
def test_money_needs_a_sum(question: str, text: str, *, fit: bool) -> None:
    """Figures of anything else are no sum of money."""
    assert can_answer(question, text) is fit


CONTACTS = [
    ("環境政策課の電話番号は", "電話は 0123-45-6789 です。", True),
    ("環境政策課の電話番号は", "内線2345へどうぞ。", True),
    ("問い合わせ先は", "kankyo@city.example.jp へお送りください。", True),
    ("環境政策課の電話番号は", "環境政策課で受け付けます。", False),
    ("環境政策課の電話番号は", "令和7年2月14日に開きました。", False),
    ("申請のURLは", "650件の相談がありました。", False),
]


@pytest.mark.parametrize(("question", "text", "fit"), CONTACTS)
def test_a_contact_needs_a_number_or_an_address(question: str, text: str, *, fit: bool) -> None:
    """The name of the office is not yet a way to reach it."""
    assert can_answer(question, text) is fit


PLACES = [
    ("会場はどこですか", "市民会館3階で開きました。", True),
    ("相談はどこでできますか", "窓口で受け付けます。", True),
    ("会場はどこですか", "令和7年に開きました。", False),
    ("集会所はどこに建ちますか", "旧給食棟跡地に建設する。", True),
    ("集会所はどこに建ちますか", "令和9年度に建設する。", False),
]


@pytest.mark.parametrize(("question", "text", "fit"), PLACES)
def test_a_place_needs_one(question: str, text: str, *, fit: bool) -> None:
    """A building, a floor or a counter answers where, and the ground on which something is put up."""
    assert can_answer(question, text) is fit


@pytest.mark.parametrize(
    ("question", "text", "fit"),
    [
        ("協力店の名前を一覧で", "協力店は60店舗です。", False),
        ("協力店の名前を一覧で", "協力店は、青葉屋、月見堂、星野商店です。", True),
        ("公園の種類をすべて教えて", "公園は街区公園及び近隣公園です。", True),
    ],
)
def test_all_of_something_needs_an_enumeration(question: str, text: str, *, fit: bool) -> None:
    """A sentence that names one thing is no list of all."""
    assert can_answer(question, text) is fit


@pytest.mark.parametrize("text", ["基本理念", "プランの基本理念"])
def test_a_piece_that_only_repeats_the_question_is_no_answer(text: str) -> None:
    """The words of the question come back from a heading or label."""
    assert not can_answer("プランの基本理念は", text)


ROW = "指標: 植樹の本数\n目標値: 5,000本\n実績: 5,200本"


def test_a_row_answers_for_its_target() -> None:
    """A table with the column asked for holds the figure."""
    assert can_answer("植樹の本数の目標値は", ROW, kind="row")


def test_a_row_without_such_columns_does_not_answer_for_a_target() -> None:
    """A table of opening hours has no targets."""
    assert not can_answer("植樹の本数の目標値は", "公園: 中央公園\n本数: 30本", kind="row")


def test_a_list_is_no_figure() -> None:
    """Where one figure is asked for, a list of many does not answer."""
    assert not can_answer("植樹は何本ですか", "・東公園 30本\n・西公園 50本", kind="list", piece="list")
    assert can_answer("公園を挙げてください", "・東公園 30本\n・西公園 50本", kind="list", piece="list")


MEMBERS = [
    ("どの地区から始めますか", "東浜地区から始めます。", True),
    ("どの地区から始めますか", "東浜(ひがしはま)地区から始めます。", True),
    ("どの地区から始めますか", "各地区の事情に合わせて始めます。", False),
    ("どの地区から始めますか", "令和7年度に始めます。", False),
    ("どこの学校に置きますか", "相談室は城山小学校に置きます。", True),
    ("どこの学校に置きますか", "相談室を置き、学校と連絡を密にします。", False),
    ("使えるブランドはどれですか", "支払いに「星見ペイ」が使えます。", True),
    ("使えるブランドはどれですか", "支払い方法の拡充を進めます。", False),
    ("どのくらいの地区で始めましたか", "12か所で始めました。", True),
    ("転入の届けはどの窓口ですか", "転入の届けは市民課で受け付けます。", True),
    ("植樹はどの学区でもできますか", "植樹は市内のほか市外の方もできます。", True),
]


@pytest.mark.parametrize(("question", "text", "fit"), MEMBERS)
def test_which_of_a_class_needs_the_name_of_one(question: str, text: str, *, fit: bool) -> None:
    """Which 地区 is told by 東浜地区 or a name in quotes, not by 地区 alone."""
    assert can_answer(question, text) is fit


def test_a_row_is_of_the_class_that_its_column_names() -> None:
    """A row under 地区 names one, whatever it is called."""
    assert can_answer("どの地区が多いですか", "地区: 東浜\n本数: 300本", kind="row")


def test_the_note_of_a_row_tells_until_when() -> None:
    """The end of a period may stand in a cell behind the figure."""
    assert can_answer(
        "削減率はいつまでに達成しますか", "指標: 削減率\n実績: 12% ※令和9年度末までに達成予定", kind="row"
    )


def test_a_date_in_a_question_about_a_meeting_may_be_that_of_the_meeting() -> None:
    """Minutes come out within some months of what they tell, and need not repeat its date in each sentence."""
    minutes = replace(MEETING, title="環境会議 議事録", kind="meeting")
    assert fits_in(minutes, "令和7年1月の環境会議の会長は誰ですか", "山田花子会長、鈴木委員ほか")
    assert not fits_in(minutes, "令和5年1月の環境会議の会長は誰ですか", "山田花子会長、鈴木委員ほか")


@pytest.mark.parametrize(
    ("document", "question", "fit"),
    [
        (GUIDE, "来月2本目を植えますが苗木はいくらですか", True),
        (GUIDE, "令和9年3月の苗木はいくらですか", False),
        (replace(MEETING, kind="meeting"), "来月2本目を植えますが苗木はいくらですか", False),
    ],
)
def test_what_holds_at_any_time_holds_when_the_asker_wants_it(document: Document, question: str, *, fit: bool) -> None:
    """来月 tells of who asks; a price that is laid down has no date. A month that is named is asked about."""
    assert fits_in(document, question, "苗木は1本目が500円、2本目からは300円です。") is fit


def test_the_label_over_an_item_tells_who_does_it() -> None:
    """環境会議 over ・進捗の確認 answers who checks it, though the item repeats the question."""
    text = "推進本部\n・進捗の確認"
    assert can_answer("進捗の確認はどこがしますか", text, piece="item")
    assert not can_answer("進捗の確認はどこがしますか", "次のとおり進めます\n・進捗の確認", piece="item")


@pytest.mark.parametrize(
    ("text", "fit"),
    [
        ("令和6年10月1日現在の人口は27,846人である。", False),
        ("令和12年の人口は25,100人と見込まれる。", True),
        ("推計では、人口は25,100人になる。", True),
    ],
)
def test_what_is_counted_today_is_no_forecast(text: str, *, fit: bool) -> None:
    """Who asks how many there will be is not told how many there are."""
    assert can_answer("人口の見通しは何人ですか", text) is fit
