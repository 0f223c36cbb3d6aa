import re

import pytest

from ingest.blocks.lists import figure_word_spans, find_lists, item_name, item_spans, numbered_siblings
from ingest.documents import Passage


def listed(text: str) -> list[tuple[str, list[str]]]:
    found = find_lists(text, [match.span() for match in re.finditer(r"[^\n]+", text)])
    return [(text[one.lead : one.start].strip(), [text[slice(*item)].strip() for item in one.items]) for one in found]


def test_marked_lines_are_items_of_the_line_above() -> None:
    text = "借りられる道具\n・かんな\n・のみ\n閉館の日\n◎ 月曜日\n◎ 祝日\n・年末"
    assert listed(text) == [("借りられる道具", ["・かんな", "・のみ"]), ("閉館の日", ["◎ 月曜日", "◎ 祝日"])]


@pytest.mark.parametrize("form", ["({})", "（{}）", "・({})", "{}.", "・{}回目 "])
def test_numbered_items_are_consecutive(form: str) -> None:
    of = [f"{form.format(n)}道具{n}" for n in (1, 2, 3, 1, 2)]
    assert [output for _, output in listed("\n".join(of))] == [of[:3], of[3:]]


def test_name_value_lines_are_not_a_list() -> None:
    assert listed("・場所：道具館\n・定員：10人") == []
    assert listed("5月11日 見学\n6月12日 見学") == []


def test_a_list_after_another_has_no_introduction() -> None:
    assert listed("・かんな\n・のみ\n(1)申し込む\n(2)借りる") == [
        ("", ["・かんな", "・のみ"]),
        ("", ["(1)申し込む", "(2)借りる"]),
    ]


@pytest.mark.parametrize("mark", ["・", "①", "(1) ", "1. ", "■"])
def test_the_sentences_of_an_item_are_one(mark: str) -> None:
    text = f"借ります。返します。\n{mark}かんなは一人一つです。予約できます。\n2.5人分です。足ります。"
    parts = [match.span() for match in re.finditer(r"[^\n。]+。?", text)]
    assert [text[slice(*part)] for part in item_spans(text, parts)] == [
        "借ります。", "返します。", f"{mark}かんなは一人一つです。予約できます。", "2.5人分です。", "足ります。"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ("・かんな：木を削る", "かんな"),
        ("・(2) かんな 木を削る", "かんな"),
        ("③のこぎり／木を切る", "のこぎり"),
        ("・刃", ""),
        ("", ""),
    ],
)
def test_the_first_words_of_an_item_name_it(item: str, name: str) -> None:
    assert item_name(item) == name


def drawn(text: str) -> list[str]:
    return [
        text[slice(*one)] for one in figure_word_spans(text, [match.span() for match in re.finditer(r"[^\n]+", text)])
    ]


DRAWN = "川の計画\n引き継ぐ\n川の計画2"


def test_consecutive_bare_lines_are_the_words_of_a_figure() -> None:
    assert drawn(f"{DRAWN}\n川を守ります。\n{DRAWN}") == [DRAWN, DRAWN]
    assert drawn("川を守ります。\n川の計画\n引き継ぐ") == []
    assert drawn("") == []


@pytest.mark.parametrize(
    "text",
    [
        f"次の3つです。\n{DRAWN}",
        f"計画：\n{DRAWN}",
        "川の計画\n引き継ぐ\n川の計画2\n・網\n・舟",
        "場所：川辺\n定員：10人\n費用：無料",
        "・網\n・舟\n・竿",
    ],
)
def test_introduced_or_named_lines_are_not_a_figure(text: str) -> None:
    assert drawn(text) == []


def sections(*headings: str) -> list[Passage]:
    return [Passage(f"plan#{n}", "plan", "text", ("取組", h), "本文です。", (n,)) for n, h in enumerate(headings)]


@pytest.mark.parametrize("form", ["【里{}】 川", "({}) 川", "3.{}. 川", "第{}章 川", "里{} 川"])
def test_consecutively_numbered_sections_are_a_series(form: str) -> None:
    passages = sections(form.format(1), form.format(1), "川の地図", form.format(2), form.format(3))
    assert [[*one.values()] for one in numbered_siblings(passages, passages[3])] == [[passages[0], *passages[3:]]]


def test_sections_not_numbered_from_one_are_not_a_series() -> None:
    for headings in (("川", "森"), ("(2) 川", "(3) 森"), ("(1) 川",), ("令和1年度", "令和3年度"), ("(1) 川", "2 森")):
        passages = sections(*headings)
        assert not [*numbered_siblings(passages, passages[0])]
    elsewhere = Passage("plan#9", "plan", "text", ("体制", "(1) 川"), "本文です。", (9,))
    assert not [*numbered_siblings(sections("(1) 川", "(2) 森"), elsewhere)]
    assert not [*numbered_siblings([], Passage("plan#9", "plan", "text", (), "本文です。", (9,)))]
