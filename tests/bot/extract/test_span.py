"""Candidates for the answer proper."""

import pytest

from bot.extract.span import phrases


def candidates(text: str, heading: str = "") -> set[str]:
    found = phrases(heading, text)
    return {found.text[a:b] for a, b in zip(found.starts, found.ends, strict=True)}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1992年6月8日に成立した。", "1992年6月8日"),
        ("1992年6月8日に成立した。", "1992年"),
        ("利用者は6万3,000人であった。", "6万3,000人"),
        ("作者は「みなと丸」を描いた。", "みなと丸"),
        ("高圧的な態度が嫌われた。", "高圧的な態度"),
        ("街区方式と道路方式がある。", "街区方式と道路方式"),
        ("中国沿海部・朝鮮半島を含む。", "中国沿海部・朝鮮半島"),
        ("WMO(世界気象機関)の長である。", "WMO(世界気象機関)の長"),
        ("砦の指揮官を務めた。", "砦の指揮官"),
        ("値は7.8%である。", "7.8%"),
    ],
)
def test_a_phrase_that_can_be_an_answer_is_a_candidate(text: str, wanted: str) -> None:
    """Dates and their years, figures, quoted names, nouns with what joins them."""
    assert wanted in candidates(text)


@pytest.mark.parametrize(
    ("text", "unwanted"),
    [
        ("作者は「みなと丸」を描いた。", "「みなと丸」"),
        ("作者は船を描いた。", "船を"),
        ("作者は船を描いた。", "作者は船"),
        ("人口は12万人である。", "2万人"),
        ("船である。橋である。", "船である。橋"),
        ("描くためである。", "ため"),
    ],
)
def test_what_no_answer_proper_is_made_of_is_none(text: str, unwanted: str) -> None:
    """Quotation marks, case particles, parts of a figure, two sentences, formal nouns."""
    assert unwanted not in candidates(text)


def test_a_heading_has_candidates_too() -> None:
    """They are told from those of the passage."""
    found = phrases("港の橋", "1950年に架かった。")
    assert {name for name, inside in zip(found.keys, found.in_heading, strict=True) if inside} == {"港", "橋", "港の橋"}


@pytest.mark.parametrize(("heading", "text"), [("", ""), ("", "。\n\n。"), ("", "、、"), ("船", "")])
def test_any_text_is_taken(heading: str, text: str) -> None:
    """Without a phrase there is no candidate in the passage."""
    found = phrases(heading, text)
    assert found.in_heading.all()


def test_a_full_stop_in_brackets_ends_no_sentence() -> None:
    """A quoted sentence is part of the one around it; a line break always ends one."""
    assert phrases("船", "町は「船を出す。橋は架けない。」と決めた。\n次の年。").said == (
        "船\n",
        "町は「船を出す。橋は架けない。」と決めた。",
        "\n",
        "次の年。",
    )


def test_candidates_are_compared_without_width_and_spaces() -> None:
    """１９８７年 is 1987年."""
    assert "1987年" in phrases("", "１９８７ 年に開館した。").keys
