"""Finding passages and weighing their pieces, over a real index with a real encoder."""

from datetime import date

import pytest

from bot.answer import Question
from bot.find.decide import Decide
from bot.find.likeness import Likeness
from bot.pipeline import Pipeline
from bot.search.retrieve import READ, search
from bot.turn import Turn
from bot.understand.question import understand
from tests.bot.asking import TODAY

pytest_plugins = ["tests.bot.city"]


def retrieved(pipeline: Pipeline, text: str, as_of: date = TODAY) -> Turn:
    retrieve = dict(pipeline.steps)["retrieve"]
    return retrieve(Turn(Question(question=text), as_of, text=text, asked=understand(text)))


def weighed(pipeline: Pipeline, text: str, as_of: date = TODAY) -> Turn:
    return dict(pipeline.steps)["decide"](retrieved(pipeline, text, as_of))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("植樹の本数", "指標: 植樹の本数"),
        ("カーボンニュートラルとは", "温室効果ガス"),
        ("本を積んで学校を回る車", "移動図書車は"),
        ("太陽光パネル 補助", "8万円を補助"),
        ("ソーラーパネルへの助成金", "8万円を補助"),
        ("バスの図書館", "移動図書車は"),
    ],
)
def test_a_passage_is_found_by_words_or_by_meaning(city_pipeline: Pipeline, text: str, words: str) -> None:
    """The passage meant is among the first three."""
    found = search(city_pipeline.index, city_pipeline.encoder, text, 3)
    assert any(words in hit.passage.text for hit in found)


def test_hits_come_best_first_with_the_parts_of_their_score(city_pipeline: Pipeline) -> None:
    """Each hit tells how much words and meaning gave."""
    found = search(city_pipeline.index, city_pipeline.encoder, "植樹の本数", 10)
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    assert all({"words", "encoder", "meaning"} <= hit.scores.keys() for hit in found)
    assert found[0].scores["words"] > 0


@pytest.mark.parametrize("k", [0, 1, 5])
def test_as_many_hits_as_asked_for(city_pipeline: Pipeline, k: int) -> None:
    """The number asked for is an upper limit."""
    assert len(search(city_pipeline.index, city_pipeline.encoder, "植樹", k)) == k


def test_what_nothing_speaks_for_is_not_found(city_pipeline: Pipeline) -> None:
    """Asked for more than there are, a search gives each passage with the word once, and not all of the others."""
    found = [hit.passage for hit in search(city_pipeline.index, city_pipeline.encoder, "植樹", 1000)]
    assert {p.id for p in city_pipeline.index.passages if "植樹" in p.text} <= {p.id for p in found}
    assert len(found) == len({p.id for p in found}) < len(city_pipeline.index.passages)


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_text_finds_nothing(city_pipeline: Pipeline, text: str) -> None:
    """Without words there is no evidence."""
    assert search(city_pipeline.index, city_pipeline.encoder, text) == []


def test_a_search_may_be_limited_to_documents(city_pipeline: Pipeline) -> None:
    """Only their passages are found; none where no document is allowed."""
    found = search(city_pipeline.index, city_pipeline.encoder, "基本理念", 50, doc_ids={"kankyo-plan"})
    assert {hit.passage.doc_id for hit in found} == {"kankyo-plan"}
    assert search(city_pipeline.index, city_pipeline.encoder, "基本理念", 50, doc_ids=()) == []


def test_the_documents_meant_are_read(city_pipeline: Pipeline) -> None:
    """Passages of the document named, and of no other, are read for an answer."""
    hits = retrieved(city_pipeline, "プラン2.0の基本理念は").hits
    assert {hit.passage.doc_id for hit in hits} == {"kankyo-plan-2.0"}


def test_the_plan_that_is_meant_is_read_however_the_others_crowd(city_pipeline: Pipeline) -> None:
    """Every passage of the plan before, though the question's words stand in the tables of other documents."""
    read = {hit.passage.id for hit in retrieved(city_pipeline, "前のプランの指標の目標値と実績は").hits}
    assert {p.id for p in city_pipeline.index.passages if p.doc_id == "kankyo-plan"} <= read


def test_both_sides_of_a_comparison_are_read(city_pipeline: Pipeline) -> None:
    """前のプラン and 今のプラン have their say both."""
    read = {hit.passage.doc_id for hit in retrieved(city_pipeline, "前のプランと今のプランの基本理念の違いは").hits}
    assert {"kankyo-plan", "kankyo-plan-2.0"} <= read


def test_each_passage_is_read_once(city_pipeline: Pipeline) -> None:
    """What is found in two ways is one hit."""
    ids = [hit.passage.id for hit in retrieved(city_pipeline, "前のプランと今のプランの基本理念の違いは").hits]
    assert len(ids) == len(set(ids))


def test_no_more_is_read_than_is_needed(city_pipeline: Pipeline) -> None:
    """A plain question reads a bounded number of passages."""
    assert len(retrieved(city_pipeline, "プラン2.0の基本理念は").hits) <= READ


def test_the_plan_in_force_is_heavier(city_pipeline: Pipeline) -> None:
    """Where two plans say the same thing, the one in force on the day weighs more."""
    assert weighed(city_pipeline, "基本理念は").weighed[0].evidence.passage.doc_id == "kankyo-plan-2.0"
    before = weighed(city_pipeline, "基本理念は", date(2023, 5, 1))
    assert before.weighed[0].evidence.passage.doc_id == "kankyo-plan"


def test_what_only_an_older_document_says_is_still_found(city_pipeline: Pipeline) -> None:
    """A replaced plan answers where the new one is silent."""
    assert weighed(city_pipeline, "移動図書車は何校を回りますか").weighed[0].evidence.passage.doc_id == "kankyo-plan"


def test_pieces_come_heaviest_first(city_pipeline: Pipeline) -> None:
    """Each has its score and the share of the question that it covers."""
    pieces = weighed(city_pipeline, "植樹の本数の実績は").weighed
    assert [w.score for w in pieces] == sorted((w.score for w in pieces), reverse=True)
    assert all(0 <= w.coverage <= 1 for w in pieces)
    assert "植樹" in pieces[0].evidence.text


def test_a_piece_that_cannot_answer_lies_behind(city_pipeline: Pipeline) -> None:
    """The first piece has the kind of thing that is asked for."""
    pieces = weighed(city_pipeline, "植樹の本数の実績は").weighed
    assert pieces[0].fits
    assert not all(w.fits for w in pieces)


def test_words_of_one_meaning_cover_each_other(city_pipeline: Pipeline) -> None:
    """本数が増えた is covered by another word for it."""
    decide = dict(city_pipeline.steps)["decide"]
    assert isinstance(decide, Decide)
    assert decide.coverage(retrieved(city_pipeline, "みどり推進本部の代表は誰ですか")) >= 0.58


def test_likeness_tells_near_words_from_far_ones(city_pipeline: Pipeline) -> None:
    """By the encoder's own spread: a near word counts, an unrelated one does not at all, a single letter neither."""
    likeness = Likeness(city_pipeline.encoder, city_pipeline.index.keyword.vocabulary)
    alike = likeness.among(["太陽光", "木"], ["太陽", "会議", "指針", "植樹"])
    assert [word for word, _ in alike["太陽光"]] == ["太陽"]
    assert "木" not in alike
    assert likeness.among(["太陽光"], []) == {}
