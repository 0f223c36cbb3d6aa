from bot.answering.rendering.cited_sections import cited_sections, render_sources
from bot.answering.state import Answer
from tests.bot.prepared_answers import cited


def answer(**told: object) -> Answer:
    return Answer.model_validate({"answer_id": "a", "conversation_id": "c", "status": "answered", "answer": "", **told})


def test_an_answer_without_sources_has_no_source_list() -> None:
    assert render_sources(answer()) == ""


def test_rows_of_a_table_share_a_location() -> None:
    rows = (
        cited(1, "3.4. 渡し船", "便: 朝の便、乗客数(人): 120"),
        cited(2, "3.4. 渡し船", "便: 夕方の便、乗客数(人): 90"),
    )
    under = render_sources(answer(citations=rows))
    assert under.count("渡し船") == 1
    assert "[1][2] 計画2.0「3.4. 渡し船」（現行）\n> 便: 朝の便、乗客数(人): 120\n> 便: 夕方の便" in under


def test_a_section_is_listed_once() -> None:
    citations = (cited(1, "3.2. 街灯", "あ"), cited(2, "3.2. 街灯", "い"), cited(3, "3.2. 街灯", "う"))
    excerpts = [{"type": "excerpt", "n": n, "lead": "", "text": "あ", "highlight": (0, 1)} for n in (1, 2)]
    assert [place.numbers for place in cited_sections(answer(citations=citations, blocks=excerpts))] == ["1–3"]
    assert [place.numbers for place in cited_sections(answer(citations=citations[::2]))] == ["1・3"]
