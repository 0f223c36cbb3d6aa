from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.japanese import (
    dates,
    era_year,
    nfkc,
    parse_number,
    quantities,
    telephones,
)
from ingest.japanese.cell_values import parse_values
from ingest.japanese.mentions.days import named_days, resolve_relative_dates
from ingest.japanese.mentions.effective_times import effective_times, find_in_force, segments_by_time
from ingest.japanese.sentences import clause_spans, sentences, split_document_sentences
from ingest.japanese.tokenise import morphemes, split_words, words, words_with_starts

# Texts made of what dates and quantities are made of, so that notations meet in every order.
NOTATION = st.text(
    alphabet="令和平成昭元年度月日第回件人割分の同翌RHSM0123456789一二三十百千万〇.,/-~()（）～ から・、①%Ａ５",
    max_size=40,
)


CHARACTERS = (
    ("１２，３４５件", "12,345件"), ("ﾊﾞｽ・ﾎｰﾑﾍﾟｰｼﾞ", "バス・ホームページ"), ("（令和５年）", "(令和5年)"),
    ("㋿５年・㍻31年", "令和5年・平成31年"), ("100㎡と5㎞", "100m2と5km"), ("㈱金沢　№５", "(株)金沢 No5"),
    ("Ⅳ章", "IV章"), ("一　二\t三  四\u00a0五", "一 二 三 四 五"),
    ("2021‐2022–2023―2024−2025─2026", "2021-2022-2023-2024-2025-2026"), ("１～２〜３", "1~2~3"),
    ("⻑期の⻄⺠⻘⻝", "長期の西民青食"), ("両副市长と审议の会议", "両副市長と审議の会議"),
    ("𠮷田と髙﨑", "吉田と高崎"), ("①5分野", "(1)5分野"),
    ("②3,000人⑳件㉑人❸つ", "(2)3,000人(20)件(21)人(3)つ"), ("入館料…８００円‥以上", "入館料…800円‥以上"),
    ("葛\U000e0100城市", "葛城市"), ("電子\u200b申請\ufeff", "電子申請"), ("デジタル\n戦略", "デジタル\n戦略"),
    ("サーバー・サーバ", "サーバー・サーバ"), ("", ""),
)  # fmt: skip


@pytest.mark.parametrize(("written", "one_form"), CHARACTERS)
def test_characters_are_normalised_to_one_form(written: str, one_form: str) -> None:
    assert nfkc(written) == one_form


@given(st.text())
def test_normalisation_is_idempotent(text: str) -> None:
    assert nfkc(nfkc(text)) == nfkc(text)


NUMERALS = (
    ("0", 0), ("12,345", 12345), ("3.5", Decimal("3.5")), ("〇", 0), ("十", 10), ("三十五", 35), ("百五", 105),
    ("千二百", 1200), ("二〇二三", 2023), ("百二十三万四千五百六十七", 1234567), ("1万2千", 12000),
    ("2億3,400万", 234_000_000), ("1.5万", 15000), ("6千", 6000), ("1,000万", 10_000_000), ("1兆", 10**12),
    ("百万", 1_000_000), ("元", 1),
)  # fmt: skip


@pytest.mark.parametrize(("numeral", "value"), NUMERALS)
def test_a_numeral_has_its_value(numeral: str, value: int | Decimal) -> None:
    assert parse_number(numeral) == value


@pytest.mark.parametrize("text", ["", "5人", "1.2.3", "1,2", "人", "\n", "三つ"])
def test_text_that_is_not_a_numeral_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="数"):
        parse_number(text)


WESTERN_YEARS = (
    (2023, "令和5"), (2019, "令和元"), (2018, "平成30"), (1989, "平成元"), (1988, "昭和63"), (1926, "昭和元"),
    (1868, "明治元"), (1867, "1867"),
)  # fmt: skip


@pytest.mark.parametrize(("western", "in_era"), WESTERN_YEARS)
def test_a_western_year_has_its_era(western: int, in_era: str) -> None:
    assert era_year(western) == in_era


DATES = (
    # era, western, and both
    ("令和5年", "2023年"), ("令和元年", "2019年"), ("平成31年", "2019年"), ("昭和64年1月7日", "1989年1月7日"),
    ("大正12年9月1日", "1923年9月1日"), ("明治45年", "1912年"), ("2019年2月", "2019年2月"),
    ("令和5(2023)年度", "2023年度"), ("令和5（2023）年12月議決", "2023年12月"), ("令和元(2019)年度", "2019年度"),
    ("平成31(2019)年2月に", "2019年2月"), ("令和8年(2026年)1月策定", "2026年1月"),
    ("2024年(令和6年)4月1日", "2024年4月1日"), ("2024(令和6)年4月1日", "2024年4月1日"), ("2024(R6)年度", "2024年度"),
    ("令和8(4711)年度", "2026年度"), ("令和6年度(2024年度)", "2024年度"), ("2021年度比較", "2021年度"),
    ("令和4年度末", "2022年度"), ("FY2024年度", "2024年度"),
    # short eras
    ("R5.1月", "2023年1月"), ("BYOD R5.1月利用実績", "2023年1月"), ("R4.10月", "2022年10月"), ("H31.2", "2019年2月"),
    ("R5.1.", "2023年1月"), ("R6.4.1", "2024年4月1日"), ("R 5. 1.10", "2023年1月10日"), ("R6/4/1", "2024年4月1日"),
    ("S61.4.1", "1986年4月1日"), ("R5年度", "2023年度"), ("R5", "2023年"), ("H31", "2019年"),
    ("R元", "2019年"), ("Ｒ元年度", "2019年度"), ("R元.5.1", "2019年5月1日"), ("令元", "2019年"), ("R元実績", "2019年"),
    ("令5.4.1", "2023年4月1日"), ("平30年度", "2018年度"), ("令和5.4.1", "2023年4月1日"),
    # marks between the parts
    ("2024/4/1", "2024年4月1日"), ("2024-04-01", "2024年4月1日"), ("2024.4.1", "2024年4月1日"),
    ("2024.4", "2024年4月"), ("2024. 4. 1", "2024年4月1日"), ("令和5年1/10", "2023年1月10日"),
    # width, spaces, kanji
    ("令和６年４月１日", "2024年4月1日"), ("令和 6 年 4 月 1 日(月)", "2024年4月1日"), ("㋿５年", "2023年"),
    ("昭和六十三年十二月三十一日", "1988年12月31日"), ("令和三年三月", "2021年3月"), ("令和二年度", "2020年度"),
    ("二〇二三年十月", "2023年10月"),
    # the fiscal year goes from April to March
    ("令和6年度4月", "2024年4月"), ("令和6年度3月", "2025年3月"),
    # what stands behind is no part of the date
    ("2024年4月 1,200人", "2024年4月"), ("2023年 5分野", "2023年"), ("2023年12か月", "2023年"),
    ("令和5年1月50%", "2023年1月"), ("2024年13月", "2024年"), ("2025年4月1日午前9時", "2025年4月1日"),
    ("1990年代", "1990年"), ("締切‥2031年4月1日", "2031年4月1日"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "key"), DATES)
def test_dates_in_any_notation_are_parsed(text: str, key: str) -> None:
    (found,) = dates(nfkc(text))
    assert found.key == key


CONTINUED_DATES = (
    ("令和8(2026)年度から令和11(2029)年度まで", ["2026年度", "2029年度"]),
    ("令和8（2026）～令和11（2029）年度", ["2026年度", "2029年度"]),
    ("令和5年度～令和7年度", ["2023年度", "2025年度"]), ("令和5年度から7年度まで", ["2023年度", "2025年度"]),
    ("令和5～7年度", ["2023年度", "2025年度"]), ("令和5・6・7年度", ["2023年度", "2024年度", "2025年度"]),
    ("R5～R7年度", ["2023年度", "2025年度"]), ("令和5年4月から7年3月まで", ["2023年4月", "2025年3月"]),
    ("2021-2022", ["2021年", "2022年"]), ("2023～2025年", ["2023年", "2025年"]),
    ("2026-2029年度", ["2026年度", "2029年度"]), ("令和8年1月～3月", ["2026年1月", "2026年3月"]),
    ("令和5年12月～1月", ["2023年12月", "2024年1月"]), ("2024年4月1日～30日", ["2024年4月1日", "2024年4月30日"]),
    ("2024年4月1日(月)から5月2日(木)まで", ["2024年4月1日", "2024年5月2日"]),
    ("令和6年4月1日、2日及び5日", ["2024年4月1日", "2024年4月2日", "2024年4月5日"]),
    ("2024年1月から同年3月", ["2024年1月", "2024年3月"]),
    ("令和5年4月に決め、翌年3月31日に終えた", ["2023年4月", "2024年3月31日"]),
    ("令和5年4月1日に始め、同月15日に終えた", ["2023年4月1日", "2023年4月15日"]),
    ("平成元年・令和元年", ["1989年", "2019年"]), ("昭和45年～平成2年", ["1970年", "1990年"]),
    ("2024年4月1日から3日間", ["2024年4月1日"]), ("2024年4月1日から30日以内", ["2024年4月1日"]),
    ("令和5年から3年で達成", ["2023年"]), ("令和5年度・3年生", ["2023年度"]),
    ("令和5年度から3年度で達成", ["2023年度"]), ("2025・26年度", ["2025年度", "2026年度"]),
    ("2022年4月10・17・24日", ["2022年4月10日", "2022年4月17日", "2022年4月24日"]),
    ("2025年1月11・25日、2月8日", ["2025年1月11日", "2025年1月25日", "2025年2月8日"]),
    ("2026年1~2月", ["2026年1月", "2026年2月"]),
    ("令和5年6月・10月、6年2月", ["2023年6月", "2023年10月", "2024年2月"]),
    ("平成29年4月2日~30年4月1日生まれ", ["2017年4月2日", "2018年4月1日"]),
    ("昭和38年~43年生まれ", ["1963年", "1968年"]), ("令和6年10月2日~7年2月1日以前", ["2024年10月2日", "2025年2月1日"]),
    ("2024年6月~9月分", ["2024年6月", "2024年9月"]), ("令和5年1月から10日間", ["2023年1月"]),
    ("令和5年1月~10日分", ["2023年1月"]),
)  # fmt: skip


@pytest.mark.parametrize(("text", "keys"), CONTINUED_DATES)
def test_continued_dates_are_parsed(text: str, keys: list[str]) -> None:
    assert [m.key for m in dates(nfkc(text))] == keys


NO_DATES = (
    "12月1日", "4月", "12月", "5/10(土)", "元年度", "年度", "2023", "2,025人", "2023人", "20240401", "2025.45",
    "2025.4億円", "1800.1件", "1.2025", "M7.3の地震", "Amazon S3.1", "HR2023", "AR5.1", "R2D2", "24年4月",
    "2024年2月30日", "R5.13月", "昭和2-2-17(町名)", "/uploads/2024/07/page", "076-2024-11", "令和0年",
    "令和九十九百年", "平和10年間", "3年生", "",
)  # fmt: skip


@pytest.mark.parametrize("text", NO_DATES)
def test_text_without_a_year_is_not_a_date(text: str) -> None:
    assert dates(nfkc(text)) == []


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("令和5年度", date(2023, 4, 1), date(2024, 3, 31)),
        ("2024年", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024年2月", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023年2月", date(2023, 2, 1), date(2023, 2, 28)),
        ("R6.12.31", date(2024, 12, 31), date(2024, 12, 31)),
    ],
)
def test_a_date_covers_all_its_days(text: str, first: date, last: date) -> None:
    (found,) = dates(text)
    assert found.first == first
    assert found.last == last


@given(NOTATION)
def test_dates_have_correct_offsets(text: str) -> None:
    found = dates(text)
    ends = [0, *(m.end for m in found)]
    assert all(end <= m.start < m.end <= len(text) for end, m in zip(ends, found, strict=False))
    assert all(m.first <= m.last <= m.first + timedelta(days=366) for m in found)


QUANTITIES: tuple[tuple[str, list[tuple[float | Decimal, str]]], ...] = (
    ("10,000件増", [(10000, "件")]), ("2,300件増 ※5分野589項目追加", [(2300, "件"), (5, "分野"), (589, "項目")]),
    ("95% (198件/207件)", [(95, "%"), (198, "件"), (207, "件")]),
    ("50%減 (600万枚減)", [(50, "%"), (6_000_000, "枚")]), ("30校下(地区)", [(30, "校下")]),
    ("１，６５５名", [(1655, "人")]), ("65課", [(65, "課")]), ("1万2千円", [(12000, "円")]),
    ("2億3,400万円", [(234_000_000, "円")]), ("1.5万人", [(15000, "人")]), ("三つ", [(3, "つ")]),
    ("二十歳", [(20, "歳")]), ("七十二時間", [(72, "時間")]), ("3か所・3ヶ所・3カ所・3箇所", [(3, "か所")] * 4),
    ("4か年と4カ年", [(4, "か年")] * 2), ("6ヶ月間", [(6, "か月")]), ("第4回", [(4, "第回")]),
    ("第四回", [(4, "第回")]), ("第2条第3項", [(2, "第条"), (3, "第項")]), ("100パーセント", [(100, "%")]),
    ("5%ポイント", [(5, "ポイント")]), ("3割", [(3, "割")]), ("2割5分", [(Decimal("2.5"), "割")]),
    ("4分の3", [(Decimal("0.75"), "")]), ("30日以内", [(30, "日")]), ("7日間", [(7, "日間")]),
    ("24時間365日", [(24, "時間"), (365, "日")]), ("年間100件以上", [(100, "件")]), ("65歳以上", [(65, "歳")]),
    ("3本の柱", [(3, "本")]), ("100㎡と12,000kWhと3.5t", [(100, "m2"), (12000, "kWh"), (Decimal("3.5"), "t")]),
    ("15～20件", [(15, ""), (20, "件")]), ("1人1台", [(1, "人"), (1, "台")]), ("10数件", [(10, "")]),
    ("50程度", [(50, "")]), ("5 人", [(5, "人")]), ("①5分野", [(1, ""), (5, "分野")]),
    ("R5.1月利用実績 1,318回", [(1318, "回")]), ("2023年12か月", [(12, "か月")]),
    ("午後3時30分", [(3, "時"), (30, "分")]), ("0.5%", [(Decimal("0.5"), "%")]),
    ("14経営体から19経営体に", [(14, "経営体"), (19, "経営体")]),
    ("7路線・12系統を見直す", [(7, "路線"), (12, "系統")]), ("5自治体参加、3集落当たり", [(5, "自治体"), (3, "集落")]),
    ("6,200立方メートル、45ヘクタール", [(6200, "立方メートル"), (45, "ヘクタール")]),
    ("3事業所と2中学校", [(3, "事業所"), (2, "中学校")]), ("28人参加、6戸以上", [(28, "人"), (6, "戸")]),
    ("一般的な二重丸", []), ("入館料……1,200円", [(1200, "円")]),
    ("定員20人。〒512-3344水道課【電話】512-3345【FAX】0999-51-2233", [(20, "人")]),
)  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), QUANTITIES)
def test_a_quantity_has_value_and_unit(text: str, expected: list[tuple[float | Decimal, str]]) -> None:
    assert [(q.value, q.unit) for q in quantities(nfkc(text))] == expected


NO_QUANTITIES = (
    "Web3.0技術", "AI-OCR", "H2O", "CO2", "Wi-Fi6", "B5判", "No.1", "一部の三位一体", "四半期", "十分な二本柱",
    "四日市市", "数十人", "十数人", "何百件", "令和5(2023)年度", "R5.1月", "12月1日", "3月末", "",
)  # fmt: skip


@pytest.mark.parametrize("text", NO_QUANTITIES)
def test_words_that_count_nothing_are_not_quantities(text: str) -> None:
    assert quantities(nfkc(text)) == []


@given(NOTATION)
def test_quantities_have_correct_offsets(text: str) -> None:
    found = quantities(text)
    ends = [0, *(q.end for q in found)]
    assert all(end <= q.start < q.end <= len(text) for end, q in zip(ends, found, strict=False))
    assert not any(m.start < q.end and q.start < m.end for m in dates(text) for q in found)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("【電話】512-3344", ["5123344"]),
        ("水道課(電話 55-0123)", ["550123"]),
        ("電話0999-51-2233、FAX0999(51)2244", ["0999512233", "0999512244"]),
        ("(0999)51-2233", ["0999512233"]),
        ("代表0120-555-777", ["0120555777"]),
        ("【電話】512-3344・512-3345", ["5123344", "5123345"]),
        ("〒512-3344 本町1-2-3", []),
        ("〒 512-3344", []),
        ("2021-2022年度、1-2234番地", []),
        ("", []),
    ],
)
def test_telephone_numbers_are_found_with_and_without_area_code(text: str, digits: list[str]) -> None:
    assert ["".join(filter(str.isdigit, text[start:end])) for start, end in telephones(text)] == digits


RELATIVE_YEARS = (
    ("昨年度の利用", "2024年度の利用"), ("来年度予算", "2026年度予算"), ("今年の5月号", "2026年5月号"),
    ("来年4月から", "2027年4月から"), ("一昨年の夏と去年の秋", "2024年の夏と2025年の秋"),
    ("3年前にできた橋", "2023年にできた橋"), ("日本年金機構の本年齢", "日本年金機構の本年齢"), ("1.5年前", "1.5年前"),
)  # fmt: skip


@pytest.mark.parametrize(("relative", "resolved"), RELATIVE_YEARS)
def test_relative_years_are_resolved_from_the_day(relative: str, resolved: str) -> None:
    assert resolve_relative_dates(relative, date(2026, 2, 3)) == resolved


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("今日の当番医", (2026, 12, 8)),
        ("明日は休み?", (2026, 12, 9)),
        ("今週の日曜日", (2026, 12, 13)),
        ("来週の月曜", (2026, 12, 14)),
        ("今度の火曜日", (2026, 12, 15)),
        ("12/24の予定", (2026, 12, 24)),
        ("1月4日は開いている?", (2027, 1, 4)),
        ("12月の第3日曜", (2026, 12, 20)),
        ("2025年11月3日", (2025, 11, 3)),
    ],
)
def test_a_day_is_counted_from_the_day_of_asking(text: str, day: tuple[int, int, int]) -> None:
    assert named_days(text, date(2026, 12, 8)) == (date(*day),)


@pytest.mark.parametrize("text", ["12月の行事", "2/30", "10分の1", "第3日曜"])
def test_other_times_are_no_single_day(text: str) -> None:
    assert named_days(text, date(2026, 12, 8)) == ()


def test_figures_of_up_to_28_digits_are_read_and_longer_ones_are_text() -> None:
    assert parse_values("9" * 29 + "円") == ()
    assert len(parse_values("9" * 28 + "円")) == 1


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "料金は3,000円(税込み。12月は加算。)とする。別に定める。",
            ["料金は3,000円(税込み。12月は加算。)とする。", "別に定める。"],
        ),
        ("上限は5万円(世帯で1回。)又は実費とする。", ["上限は5万円(世帯で1回。)又は実費とする。"]),
        ("「続ける。」と答えた。", ["「続ける。」と答えた。"]),
        ("「続ける。来年も行う。」", ["「続ける。", "来年も行う。」"]),
        ("閉じない(かっこ。その次。", ["閉じない(かっこ。", "その次。"]),
        ("何人か?5人である。", ["何人か?5人である。"]),
    ],
)
def test_document_sentences_are_not_split_inside_closed_brackets(text: str, parts: list[str]) -> None:
    assert split_document_sentences(text) == parts


def test_a_streamed_sentence_ends_only_after_its_bracket_closes() -> None:
    assert sentences("会長は「続ける。来年") == ["会長は「続ける。来年"]
    assert sentences("会長は「続ける。来年も行う。」") == ["会長は「続ける。来年も行う。」"]


def test_clauses_cover_the_text_and_have_their_sentence() -> None:
    text = "朝は6時、昼は1,000人が来た。\n夜は ・花火"
    bounds, sentence_of = clause_spans(text)
    assert [text[slice(*bound)] for bound in bounds] == ["朝は6時、", "昼は1,000人が来た。", "\n", "夜は ", "・花火"]
    assert sentence_of == [0, 0, 1, 2, 2]
    assert clause_spans("花火") == ([(0, 2)], [0])


NOTICE = date(2026, 10, 1)


@pytest.mark.parametrize(
    ("texts", "day", "expected"),
    [
        (("これまで", "10月分から"), date(2026, 9, 30), 0),
        (("これまで", "10月分から"), date(2026, 10, 1), 1),
        (("令和8年9月まで", "令和8年10月から"), date(2026, 9, 30), 0),
        (("1月から", "4月から"), date(2027, 2, 1), 0),  # January of the notice's fiscal year
        (("改定前", "改定後"), date(2026, 12, 1), None),  # the day of the change is unknown
        (("4月から6月まで", "7月から9月まで"), date(2026, 8, 1), 1),
        (("4月から6月まで", "7月から9月まで"), date(2026, 12, 1), None),
    ],
)
def test_time_of_the_day_is_found(texts: tuple[str, ...], day: date, expected: int | None) -> None:
    times = [time for text in texts for time in effective_times(text, NOTICE)]
    assert find_in_force(times, day) == expected


def test_sentence_with_two_values_has_two_segments() -> None:
    text = "手数料は、これまで300円でしたが、令和9年4月1日から350円になります。"
    assert [text[start:end] for start, end, _ in segments_by_time(text, NOTICE)] == [
        "これまで300円でしたが、",
        "令和9年4月1日から350円になります。",
    ]


def test_period_of_an_event_is_no_change_of_value() -> None:
    assert segments_by_time("受付は10月1日から31日まで、先着20人です。", NOTICE) == []


@pytest.mark.parametrize(
    "text",
    [
        "𠮷野家の👨‍👩‍👧と😀、葛󠄀城市",
        "港…",
        "電子申請の拡充。" * 8_000,
        "あ" * 50_000,
        "計画" * 30_000,
        "a" * 70_000,
        "ﷺ" * 12_000,
        "㌔" * 12_000,
    ],
    ids=lambda text: f"{text[:6]}… {len(text)}",
)
def test_offsets_refer_to_the_text(text: str) -> None:
    found = morphemes(text)
    assert "".join(m.surface for m in found) == text
    assert all(m.surface and text[m.start : m.end] == m.surface for m in found)


def test_a_lone_surrogate_is_an_unknown_character() -> None:
    found = morphemes("計画\ud800期間")
    assert [(m.surface, m.start, m.end) for m in found if m.is_noun] == [("計画", 0, 2), ("期間", 3, 5)]


@given(st.text())
def test_morphemes_cover_any_text(text: str) -> None:
    ends = [0, *(m.end for m in morphemes(text))]
    assert [m.start for m in morphemes(text)] == ends[:-1]
    assert ends[-1] == len(text)


VARIANTS = (
    ("サーバ", "サーバー"), ("引越し", "引っ越し", "引越"), ("問合せ", "問い合わせ", "問い合せ"),
    ("申込", "申込み", "申し込み"), ("取組", "取組み", "取り組み"), ("手続", "手続き"), ("附属", "付属"),
    ("子ども", "子供", "こども"), ("ﾊﾟｿｺﾝ", "パソコン"), ("ＤＸ", "DX", "dx"), ("副市長", "副市长"),
    ("10,000件", "１０，０００件", "10000件", "1万件"), ("三つ", "3つ", "３つ"), ("第4回", "第四回", "第４回"),
    ("令和5年1月", "2023年1月", "R5.1月", "令和5(2023)年1月", "㋿５年１月", "2023/1"),
    ("令和5年度", "2023年度", "R5年度", "令和5(2023)年度", "令和五年度"),
    ("平成31年2月1日", "2019年2月1日", "H31.2.1", "2019-02-01"),
)  # fmt: skip


@pytest.mark.parametrize("spellings", VARIANTS, ids=lambda spellings: spellings[0])
def test_spelling_variants_give_one_term(spellings: tuple[str, ...]) -> None:
    terms = [words(spelling) for spelling in spellings]
    assert terms[0]
    assert terms == [terms[0]] * len(terms)


TERMS: tuple[tuple[str, list[str]], ...] = (
    ("AI-OCRの拡充", ["ai", "ocr", "拡充"]), ("2,300件増えました", ["2300", "件", "増える"]),
    ("計画の期間を教えてください", ["計画", "期間"]), ("どのような取り組みですか", ["取り組み"]),
    ("期間についてどこで分かりますか", ["期間"]), ("", []), ("!?…、。", []), ("😀", []),
)  # fmt: skip


@pytest.mark.parametrize(("text", "terms"), TERMS)
def test_stop_words_are_not_terms(text: str, terms: list[str]) -> None:
    assert words(text) == terms


def test_a_date_is_indexed_with_its_year() -> None:
    assert words("令和5年1月10日") == ["2023年1月10日", "2023年"]
    assert words("2023年") == ["2023年"]
    assert words("12月1日") == ["12", "月", "1", "日"]


@given(st.text(alphabet="計画本部を市長令和5年1月。!?\n 、23,"))
def test_sentences_contain_all_words(text: str) -> None:
    found = split_words(text, words_with_starts(text))
    assert [word for sentence in found for word in sentence] == words(text)
    assert all(found)
