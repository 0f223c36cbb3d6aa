"""Sentences of a structured reply: each with the words that carry it, and a formula where it reckons."""

import pytest

from bot.verification import Quotation, SourceText
from tests.bot.verification.quoting import check_quoted

CAMP = SourceText(
    "■川あそび教室\n日時:8月3日 10〜12時\n定員:20人\n費用:800円\n■星空教室\n日時:8月9日\n定員:15人\n費用:1,200円",
    ("募集",),
    "広報あおば 2025年7月号",
    (),
    "青葉市",
    "2025-07-01",
)
ROW = SourceText(
    "指標: 貸出数、目標値: 1,500冊、実績: 1,730冊",
    ("成果",),
    "読書プラン",
    cells=(("指標", "貸出数"), ("目標値", "1,500冊"), ("実績", "1,730冊")),
)
COST = SourceText("堤防の工事費は5,230万円です。水門の工事費は1,180万円です。", ("費用",), "水辺の計画")


def kinds(text: str, *quotes: str, of: SourceText = CAMP, formula: str = "") -> set[str]:
    """Return the kinds of problem of a sentence whose quotes are said to stand in the one passage."""
    checked = check_quoted(text, [Quotation(words, (1,)) for words in quotes], [of], formula)
    return {problem.kind for problem in checked.problems}


@pytest.mark.parametrize(
    ("text", "quotes", "of"),
    [
        ("川あそび教室の定員は20人です。", ["定員:20人"], CAMP),
        ("費用は８００円です。", ["費用：８００円"], CAMP),
        ("2025年8月3日に開かれます。", ["日時:8月3日 10〜12時"], CAMP),
        ("青葉市の募集で、費用は800円です[1]。", ["定員:20人\n費用:800円"], CAMP),
        ("貸出数の実績は1,730冊です。", ["| 貸出数 | 1,500冊 | 1,730冊 |"], ROW),
    ],
)
def test_a_sentence_that_its_quotes_carry_stands(text: str, quotes: list[str], of: SourceText) -> None:
    """By the quotes' own words, what stands over them, and what is known of the document, in any notation."""
    assert kinds(text, *quotes, of=of) == set()


def test_a_quote_stands_letter_for_letter() -> None:
    """One that is altered in a letter is told, and its figure with it."""
    assert kinds("定員は25人です。", "定員:25人") == {"quote", "figure"}


def test_a_figure_may_stand_beside_its_quote() -> None:
    """What the passage says holds though too little of it was quoted."""
    assert kinds("川あそび教室は定員20人、費用は800円です。", "定員:20人") == set()


def test_a_figure_is_of_the_row_that_is_spoken_of() -> None:
    """A quote from under another heading does not carry it."""
    assert kinds("星空教室の定員は15人です。", "■星空教室\n日時:8月9日\n定員:15人") == set()
    assert kinds("川あそび教室の定員は15人です。", "定員:15人")


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("合わせて6,410万円です。", "5,230万円 + 1,180万円 = 6,410万円"),
        ("合わせて6,410万円です。", "5230 + 1180 = 6410"),
        ("差は4,050万円です。", "5,230 - 1,180"),
        ("堤防が81.6%を占めます。", "5,230 ÷ (5,230 + 1,180) × 100 = 81.6%"),
        ("堤防が約8割を占めます。", "5,230 ÷ (5,230 + 1,180) ≒ 80%"),
    ],
)
def test_what_a_right_formula_gives_stands(text: str, formula: str) -> None:
    """Sums, differences and shares, with or without units and result, rounded as far as they show."""
    assert kinds(text, "堤防の工事費は5,230万円です", "水門の工事費は1,180万円です", of=COST, formula=formula) == set()


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("合わせて6,500万円です。", "5,230万円 + 1,180万円 = 6,500万円"),
        ("合わせて6,500万円です。", "5,230万円 + 1,180万円"),
        ("合わせて6,410円です。", "5,230 + 1,180 = 6,410"),
        ("合わせて6,480万円です。", "5,300万円 + 1,180万円 = 6,480万円"),
        ("合わせて6,500万円です。", "堤防と水門"),
        ("1を0で割ると6,500万円です。", "5,230 ÷ 0"),
    ],
)
def test_what_a_formula_does_not_give_is_stopped(text: str, formula: str) -> None:
    """A wrong result, another figure than the result, operands from nowhere, and what is no formula."""
    assert kinds(text, "堤防の工事費は5,230万円です", "水門の工事費は1,180万円です", of=COST, formula=formula)


def test_what_is_no_formula_carries_nothing_and_stops_nothing() -> None:
    """A sum that the quotes give stands without one."""
    quotes = ("堤防の工事費は5,230万円です", "水門の工事費は1,180万円です")
    assert kinds("合わせて6,410万円です。", *quotes, of=COST, formula="堤防と水門") == set()


def test_operands_may_be_quoted_before() -> None:
    """A sum may rest on the quotes of earlier sentences of the reply."""
    first = check_quoted(
        "堤防は5,230万円、水門は1,180万円です。",
        [Quotation("堤防の工事費は5,230万円です。水門の工事費は1,180万円です。", (1,))],
        [COST],
    )
    then = check_quoted(
        "差は4,050万円です。",
        [Quotation("水門の工事費", (1,))],
        [COST],
        "5,230 - 1,180 = 4,050",
        reply=[first.statement],
    )
    assert (first.problems, then.problems) == ((), ())


NOTICE = SourceText(
    "■川の講座\n10月14日 14時〜15時15分\n対象:65歳以上\n見学:2回目10時45分〜(各回20分)\n"
    "費用:1回660円、月に2回まで\n申込み:9月15日〜10月10日",
    ("講座",),
    "広報あおば 2025年9月号",
    (),
    "青葉市",
    "2025-09-01",
)


@pytest.mark.parametrize(
    ("right", "wrong", "quotes"),
    [
        ("締め切りは当日の4日前です。", "締め切りは当日の6日前です。", ["10月14日", "9月15日〜10月10日"]),
        ("月に1,320円まで払います。", "月に1,980円まで払います。", ["1回660円", "2回まで"]),
        (
            "各回20分で、2回目は11時5分に終わります。",
            "各回20分で、2回目は11時15分に終わります。",
            ["2回目10時45分〜", "各回20分"],
        ),
        ("64歳以下の人は出られません。", "63歳以下の人は出られません。", ["65歳以上"]),
    ],
)
def test_what_is_quoted_is_reckoned_with(right: str, wrong: str, quotes: list[str]) -> None:
    """A difference, a product or an end of what is quoted, and the first number beyond a quoted bound."""
    assert not kinds(right, *quotes, of=NOTICE)
    assert "figure" in kinds(wrong, *quotes, of=NOTICE)


def test_what_stands_elsewhere_does_not_take_the_place_of_what_is_quoted() -> None:
    """A date of another line, where the quote has one that the sentence leaves out."""
    assert kinds("講座は10月10日に開かれます。", "10月14日 14時〜15時15分", of=NOTICE) == {"attribution"}
    assert not kinds("講座は10月14日に開かれます。", "10月14日 14時〜15時15分", of=NOTICE)


def test_only_what_is_quoted_is_reckoned_with() -> None:
    """Of a page's many figures some two give any number."""
    said = "申し込みは当日の29日前に始まります。"
    assert not kinds(said, "10月14日", "9月15日〜10月10日", of=NOTICE)
    assert kinds(said, "1回660円", of=NOTICE) == {"figure"}


def test_without_quotes_nothing_is_stated() -> None:
    """A sentence that tells of no source may say that there is nothing, a number of no source is a problem."""
    assert kinds("費用は書かれていません。") == set()
    assert kinds("費用は800円です。") == {"citation"}
    checked = check_quoted("費用は800円です。", [Quotation("費用:800円", (4,))], [CAMP])
    assert {problem.kind for problem in checked.problems} == {"citation"}
