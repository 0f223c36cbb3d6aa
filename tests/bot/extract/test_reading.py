"""Reading for the answer: the stretch of a passage that tells it, and the answer proper in it."""

import pytest

from bot.extract.reading import LONGEST, Extract, read
from bot.extract.span import key
from bot.turn import Hit
from bot.understand.question import understand
from ingest.documents import Passage

FERRY = (
    "渡し船は1923年6月に町が始めた。初代の船長は山田太郎である。船着き場は港町の北側にあり、一日に42人が利用した。"
    "当初の船は「みなと丸」と呼ばれた。1950年に橋が架かったため、渡し船は廃止された。"
)
LIBRARY = "中央図書館は1987年に開館した。蔵書は12万冊で、館長は鈴木花子が務める。休館日は月曜日である。"


def passage(text: str, heading: str = "", name: str = "a") -> Passage:
    return Passage(f"{name}#1", name, "text", (heading,) if heading else (), text, (1,))


def answer(question: str, *passages: Passage) -> Extract | None:
    hits = [Hit(found, -float(place)) for place, found in enumerate(passages)]
    return read(understand(question), hits, lambda _word: 1.0)


def span(question: str, *passages: Passage) -> str:
    found = answer(question, *passages)
    assert found is not None
    return found.span


@pytest.mark.parametrize(
    ("question", "true"),
    [
        ("渡し船が始まったのはいつですか。", "1923年6月"),
        ("渡し船の初代の船長は誰ですか。", "山田太郎"),
        ("渡し船を一日に何人が利用しましたか。", "42人"),
        ("渡し船が廃止されたのは何年ですか。", "1950年"),
        ("当初の船は何と呼ばれましたか。", "みなと丸"),
        ("図書館の館長は誰ですか。", "鈴木花子"),
        ("図書館の蔵書は何冊ですか。", "12万冊"),
        ("図書館の休館日は何曜日ですか。", "月曜日"),
    ],
)
def test_the_answer_proper_is_the_kind_of_thing_that_is_asked_for(question: str, true: str) -> None:
    """A time, a person, a figure with its counter, a name without its quotation marks."""
    assert span(question, passage(FERRY, "渡し船"), passage(LIBRARY, "中央図書館", "b")) == true


@pytest.mark.parametrize(
    ("question", "true"), [("一日に何隻が出ましたか。", "7隻"), ("一日に何人が乗りましたか。", "42人")]
)
def test_a_figure_has_the_counter_that_is_asked_for(question: str, true: str) -> None:
    """隻 is no 人, though both stand side by side."""
    assert span(question, passage("一日に7隻が42人を運んだ。", "渡し船")) == true


def test_whole_sentences_are_quoted_where_no_more_is_told_by_parts_of_others() -> None:
    """Neither the line break before them nor half of the sentence that does not fit."""
    works = "、".join(f"{place}の工事が進められ" for place in "港橋道川町山村海谷岸") + "た。"
    ferry = "渡し船は、1923年に始まり、利用者は、多かった。"
    found = answer("渡し船は何年に始まりましたか。", passage(f"{works}\n{ferry}\n{works}", "港"))
    assert found is not None
    assert found.quote == ferry


def test_the_answer_comes_from_the_passage_that_tells_it_though_another_was_found_first() -> None:
    """The order in which passages were found is one clue among many."""
    found = answer("図書館の館長は誰ですか。", passage(FERRY, "渡し船"), passage(LIBRARY, "中央図書館", "b"))
    assert found is not None
    assert found.passage.doc_id == "b"


@pytest.mark.parametrize("length", [1, 4, 40])
def test_an_answer_is_short_and_stands_in_its_passage_letter_for_letter(length: int) -> None:
    """However long the passage or its one sentence is, the quote holds the span and no more than may be said."""
    text = (
        "、".join([*["港の工事が進められ"] * length, "渡し船は1923年に始まり", *["橋の工事も進められ"] * length]) + "。"
    )
    found = answer("渡し船は何年に始まりましたか。", passage(text, "港"))
    assert found is not None
    assert found.quote in text
    assert len(found.text) <= LONGEST
    assert found.span == "1923年"
    assert found.span in found.quote


def test_the_heading_is_told_where_the_question_does_not_name_it() -> None:
    """A passage speaks of its subject without naming it: what it says is understood only with its heading."""
    text = "金沢市と海沿いの町を結び、1923年に始まった。冬には運休し、橋が架かるまで続いた。"
    found = answer("金沢市と海沿いの町を結び、1923年に始まったものは何か", passage(text, "みなと渡船"))
    assert found is not None
    assert found.text == f"みなと渡船：{found.quote}"
    assert found.quote in text


def test_a_heading_that_the_question_names_is_not_repeated() -> None:
    """Who asks about the ferry knows that the answer is about it."""
    found = answer("渡し船の初代の船長は誰ですか。", passage(FERRY, "渡し船"))
    assert found is not None
    assert found.heading == ""


def test_one_of_those_that_the_question_offers_is_chosen() -> None:
    """AとBのどちら: the answer is A or B though both stand in the question."""
    text = "利用者は東館が多く、西館は少なかった。改修の費用は市が負担した。"
    assert span("利用者が多かったのは東館と西館のどちらですか。", passage(text, "会館")) in {"東館", "西館"}


def test_without_anything_to_read_there_is_no_answer() -> None:
    """No passage, or none with a word in it."""
    assert answer("いつですか。") is None
    assert answer("いつですか。", passage("。\n\n。")) is None


@pytest.mark.parametrize("question", ["", "?", "何", "「」"])
def test_any_question_is_read_for(question: str) -> None:
    """A question without words gets some answer, and no error."""
    assert answer(question, passage(FERRY, "渡し船")) is not None


def test_a_quote_keeps_the_writing_of_its_passage() -> None:
    """Full-width figures are compared, and not rewritten."""
    found = answer("開館は何年ですか。", passage("図書館の開館は１９８７年である。", "図書館"))
    assert found is not None
    assert found.span == "１９８７年"
    assert key(found.span) == "1987年"
