"""Lists as answers: every member, only the members, with what introduces them."""

import pytest

from bot.compose.listing import counted, say_list
from bot.compose.statement import assemble
from bot.find.evidence import Evidence
from bot.find.pieces import pieces
from ingest.documents import Passage
from tests.bot.asking import Ask, answered, in_one_calendar

pytest_plugins = ["tests.bot.city"]


def the_list(text: str, section: str = "2.2. 行動指針") -> Evidence:
    passage = Passage("d#1", "d", "list", (section,), text, (1,))
    return next(piece for piece in pieces(passage) if piece.kind == "list")


LEADS = [
    ("次の2つに基づき取り組みます。\n・へらす\n・わける", "次の2つに基づき取り組みます。"),
    ("市民と事業者で進める\n・へらす\n・わける", "「市民と事業者で進める」として、次の2つが挙げられています。"),
    ("○家庭での取組\n・へらす\n・わける", "「家庭での取組」には次の2つが挙げられています。"),
    ("・へらす\n・わける", "「行動指針」には次の2つが挙げられています。"),
]


@pytest.mark.parametrize(("text", "lead"), LEADS)
def test_a_list_is_introduced_in_a_whole_sentence(text: str, lead: str) -> None:
    """By its own lead where that is a sentence, by the name it gives, else by its heading."""
    said = say_list(the_list(text))
    assert said.text == lead
    assert said.items == ("へらす", "わける")


def test_each_sentence_of_a_lead_tells_where_it_stands() -> None:
    """A lead of two sentences has a mark in each, so that neither stands without its source."""
    draft = assemble([say_list(the_list("基本の考えは「循環」です。次の2つを進めます。\n・へらす\n・わける"))])
    assert draft.text.splitlines()[0] == "基本の考えは「循環」です[1]。次の2つを進めます[1]。"


def test_a_long_lead_is_no_name() -> None:
    """The heading stands in for a lead that is too long to be quoted."""
    said = say_list(the_list(f"{'家庭と事業者が力を合わせる' * 4}取組\n・へらす\n・わける"))
    assert said.text == "「行動指針」には次の2つが挙げられています。"


@pytest.mark.parametrize(("number", "said"), [(1, "1つ"), (9, "9つ"), (10, "10項目"), (25, "25項目")])
def test_members_are_counted_as_japanese_counts_them(number: int, said: str) -> None:
    """つ counts to nine."""
    assert counted(number) == said


LISTS = [
    ("プラン2.0の行動指針は?", ("足もとから", "みんなで", "確かめながら")),
    ("行動指針を全部教えて", ("足もとから", "みんなで", "確かめながら")),
    ("行動指針3つは?", ("足もとから", "みんなで", "確かめながら")),
    ("家庭での取組には何がありますか?", ("生ごみの堆肥化", "雑がみの分別")),
    ("公園づくりではどんなことをしますか?", ("芝生広場の整備", "市民花壇の開設")),
    ("開催概要を教えてください", ("令和7年2月14日", "市民会館3階")),
]


@pytest.mark.parametrize(("question", "members"), LISTS)
def test_a_list_is_given_whole(ask: Ask, question: str, members: tuple[str, ...]) -> None:
    """Each member on a line of its own."""
    answer = ask(question)
    answered(answer)
    text = in_one_calendar(answer.answer)
    lines = [line.removeprefix("・") for line in text.splitlines() if line.startswith("・")]
    assert all(any(line.startswith(member) or member in line for line in lines) for member in members)


@pytest.mark.parametrize(
    ("question", "others"),
    [
        ("家庭での取組には何がありますか?", ("量り売り", "食べきり")),
        ("プラン2.0の行動指針は?", ("へらす", "わける")),
        ("公園づくりではどんなことをしますか?", ("小水力発電",)),
    ],
)
def test_no_member_of_another_list_is_given(ask: Ask, question: str, others: tuple[str, ...]) -> None:
    """The list beside it, or that of the plan before, is another answer."""
    assert not any(other in ask(question).answer for other in others)


def test_all_lists_of_the_section_that_is_named(ask: Ask) -> None:
    """Who asks for the section is told of each of its lists."""
    answered(
        ask("ごみの減量ではどんなことをしますか?"),
        "家庭での取組",
        "生ごみの堆肥化",
        "雑がみの分別",
        "事業者との取組",
        "量り売りの拡大",
        "食べきり協力店の登録",
    )


def test_items_of_several_lists_are_gathered(ask: Ask) -> None:
    """What is asked for may be one member here and one there: both are given, each with its source."""
    answer = ask("太陽光パネルの設置をすべて挙げてください")
    answered(answer, "公園の照明への太陽光パネルの設置", "学校屋上への太陽光パネルの設置", "次の2つ")
    assert "小水力発電" not in answer.answer
    assert len(answer.citations) == 2


SERIES = [
    ("3つの分野は何ですか?", ("ごみの減量", "公園づくり", "再生可能エネルギー")),
    ("3分野を教えてください", ("ごみの減量", "公園づくり", "再生可能エネルギー")),
]


@pytest.mark.parametrize(("question", "members"), SERIES)
def test_the_members_of_a_series_of_sections(ask: Ask, question: str, members: tuple[str, ...]) -> None:
    """【分野1】 … 【分野3】 are a list, each with its own section as source."""
    answer = ask(question)
    answered(answer, "次の3つ", *members)
    assert [citation.section.split("】")[0] for citation in answer.citations] == ["【分野1", "【分野2", "【分野3"]


def test_a_series_with_another_number_of_members_is_not_meant(ask: Ask) -> None:
    """There are no five 分野."""
    assert "次の3つ" not in ask("5つの分野は何ですか?").answer


def test_one_member_of_a_series_is_answered_with_its_content(ask: Ask) -> None:
    """分野2 is not the list of all 分野."""
    answer = ask("分野2では何をしますか?")
    answered(answer, "芝生広場の整備")
    assert "再生可能エネルギー" not in answer.answer
