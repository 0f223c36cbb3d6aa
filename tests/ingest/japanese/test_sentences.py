"""Tests of splitting of streamed and document text into sentences."""

import pytest

from ingest.japanese.sentences import clause_spans, sentences, split_document_sentences


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
