from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.japanese.mentions.effective_times import effective_times, find_in_force, segments_by_time
from ingest.japanese.sentences import clause_spans, sentences, split_document_sentences
from ingest.japanese.tokenise import morphemes, split_words, words, words_with_starts


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
