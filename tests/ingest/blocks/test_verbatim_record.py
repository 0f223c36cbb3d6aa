"""Tests of verbatim records: speaker, topic and question of each passage."""

import pytest

from ingest.blocks import find_blocks
from ingest.documents import Line, Passage
from ingest.passages import split

LONG = "".join(f"{n}つ目の橋は、点検を終えており、傷みはわずかで、補修の予定はございません。" for n in range(1, 26))
RECORD = f"""○議長（矢代一） 一般質問を行います。5番。
○5番（根本二） おはようございます。順次質問いたします。
　　１件目、橋の点検について質問します。町には古い橋が多くあります。
　　そこで質問です。点検の済んだ橋はいくつか、お示しください。
○建設部長（堀内三） お答えします。
　　点検の済んだ橋は25です。{LONG}
　　以上です。
○5番（根本二） 次に、２項目め、橋の費用について。費用が心配です。費用はいくらか、お聞かせください。
○建設部長（堀内三） 3億円です。
○財政部長（小宮四） 財源は町債です。
○5番（根本二） 終わります。
○議長（矢代一） 以上で質問を終わります。
"""


def passages(text: str) -> tuple[Passage, ...]:
    found, dropped = split(
        "sitting", "町議会", find_blocks([Line(n, raw) for n, raw in enumerate(text.split("\n"), 1)])
    )
    assert not {n for d in dropped for n in d.lines} - {n for p in found for n in p.lines}
    return found


def holding(words: str) -> Passage:
    return next(p for p in passages(RECORD) if words in p.text)


def test_every_part_of_an_answer_has_respondent_and_question_in_its_path() -> None:
    answered = [p for p in passages(RECORD) if "つ目の橋" in p.text]
    assert len(answered) > 1
    asked = "点検の済んだ橋はいくつか、お示しください。"
    assert {p.path for p in answered} == {("5番（根本二）", "１件目、橋の点検について", asked, "建設部長（堀内三）")}
    assert answered[0].section == "建設部長（堀内三）"


def test_a_numbered_topic_is_a_heading_of_the_speech_about_it() -> None:
    assert holding("古い橋").path == ("5番（根本二）", "１件目、橋の点検について")
    assert holding("費用が心配").path == ("5番（根本二）", "１件目、橋の点検について", "２項目め、橋の費用について")
    assert next(p for p in passages(RECORD) if p.text == "終わります。").path[1:] == ("１件目、橋の点検について",)


def test_two_officers_answer_one_question() -> None:
    first, second = holding("3億円"), holding("町債")
    assert first.path[:-1] == second.path[:-1]
    assert second.path[-1] == "財政部長（小宮四）"


def test_the_chair_is_below_no_question() -> None:
    assert holding("一般質問を行います").path == ("議長（矢代一）",)
    assert holding("以上で質問").path == ("議長（矢代一）",)


def test_courtesies_are_not_separate_passages() -> None:
    assert holding("お答えします。").text.startswith("お答えします。\n点検の済んだ橋は25です。")
    assert all(p.text != "以上です。" for p in passages(RECORD))


def test_a_speech_that_is_only_a_question_becomes_the_heading_of_its_answer() -> None:
    asked = "\n".join(
        f"○3番（森五） 第{n}項目、橋の数はいくつ増えたのかお示しください。\n○建設部長（堀内三） {n}つ増えました。"
        for n in "123"
    )
    found = passages(asked)
    assert [p.text for p in found] == ["1つ増えました。", "2つ増えました。", "3つ増えました。"]
    assert found[0].path[-2:] == ("第1項目、橋の数はいくつ増えたのかお示しください。", "建設部長（堀内三）")
    assert found[0].lines == (1, 2)


@pytest.mark.parametrize("mark", ["○", "◆", "◎"])
def test_several_speaker_marks_are_recognised(mark: str) -> None:
    found = passages("\n".join(f"{mark}{n}番（森五） {n}件目の橋は直しました。" for n in range(1, 5)))
    assert [p.path[0] for p in found] == [f"{n}番（森五）" for n in range(1, 5)]


def test_a_document_with_headings_is_not_a_record() -> None:
    found = passages("# 議事\n" + "\n".join(f"○{n}番（森五） {n}件目の橋は直しました。" for n in range(1, 5)))
    assert {p.section for p in found} == {"議事"}
