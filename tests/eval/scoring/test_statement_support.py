"""Each statement of an answer is checked against the passages that it cites."""

from typing import Any

from bot.errors import UnknownPassageError
from eval.scoring.statement_support import check_support
from ingest.documents import Document, Passage
from tests.eval.examples import make_answer


def test_each_statement_is_verified_against_its_cited_passages() -> None:
    passage = Passage("p", "plan", "text", ("計画", "目標"), "参加者の目標は1,500人です。会場は3か所です。", (1,))
    answer = make_answer("参加者の目標は1,500人です[1]。会場は5か所です[1]。") | {"question_understood": "目標は?"}
    answer["citations"] = [
        {"n": 1, "doc_id": "plan", "section": "目標", "passage_id": "p", "quote": "会場は3か所です。"}
    ]
    output = check_support(answer, {"p": passage}.__getitem__, [Document("plan", "計画", "plan.md")])
    assert [one["text"] for one in output] == ["参加者の目標は1,500人です。", "会場は5か所です。"]
    assert output[0]["wrong"] == []
    assert any("5か所" in reason for reason in output[1]["wrong"])


def test_sentences_of_the_service_are_not_statements() -> None:
    words = "会場は3か所です。\nどれも駅の近くです。"
    passage = Passage("p", "plan", "text", ("計画", "会場"), words, (1,))
    lead = "「計画」の「会場」にこうあります。"
    unsure = "確かではありません。"
    answer = make_answer(f"{unsure}\n\n{lead}\n{words}[1]") | {"question_understood": "会場は?"}
    answer["citations"] = [
        {"n": 1, "doc_id": "plan", "section": "会場", "passage_id": "p", "quote": "会場は3か所です。"}
    ]
    answer["blocks"] = [
        {"type": "text", "text": unsure},
        {"type": "excerpt", "n": 1, "lead": lead, "text": words, "highlight": [0, 9]},
    ]
    documents = [Document("plan", "計画", "plan.md")]
    output = check_support(answer, {"p": passage}.__getitem__, documents)
    assert [(one["text"], one["wrong"]) for one in output] == [("会場は3か所です。", []), ("どれも駅の近くです。", [])]
    answer["answer"] += "\n会場は4か所に増えます。"
    assert any(one["wrong"] for one in check_support(answer, {"p": passage}.__getitem__, documents))
    answer |= {"answer": "会場は4か所です。", "blocks": [{"type": "text", "text": "会場は4か所です。"}]}
    assert any(one["wrong"] for one in check_support(answer, {"p": passage}.__getitem__, documents))


def test_verbatim_words_of_a_document_are_supported() -> None:
    item = "・見学者 2名"
    body = (
        "委員15名中12名出席(欠席3名)\n・会長 桐谷 一郎(海辺短期大学 准教授)\n・副会長 浜野 二郎(港組合 会長)\n"
        f"・委員 磯部 三郎(灯台保護者会)、岬 四郎(渚保育園 園長)、ほか5名\n・事務局 港湾課 課長 湊、同 係長 汐\n{item}"
    )
    passage = Passage("p", "plan", "list", ("計画", "出席者"), body, (1,))

    def unsupported(words: str) -> list[Any]:
        lead = "「計画」の「出席者」にこうあります。"
        block = {"type": "excerpt", "n": 1, "lead": lead, "text": words, "highlight": [0, 3]}
        answer = make_answer(f"{lead}\n{words}[1]") | {"question_understood": "出席者は?", "blocks": [block]}
        answer["citations"] = [{"n": 1, "doc_id": "plan", "section": "出席者", "passage_id": "p", "quote": words}]
        found = check_support(answer, {"p": passage}.__getitem__, [Document("plan", "計画", "plan.md")])
        return [one["wrong"] for one in found]

    assert unsupported(item) == [[]]
    assert unsupported("・見学者 9名") != [[]]


def test_a_statement_with_a_missing_source_is_unsupported() -> None:
    def gone(passage_id: str) -> Passage:
        raise UnknownPassageError(f"箇所「{passage_id}」は今の文書にはありません。")

    answer = make_answer()
    answer["citations"][0]["passage_id"] = "old"
    (output,) = check_support(answer, gone, [])
    assert output["wrong"] == ["箇所「old」は今の文書にはありません。"]


def test_an_answer_without_sources_has_no_statements() -> None:
    passages: dict[str, Passage] = {}
    assert check_support(make_answer("ありません。", "no_answer"), passages.__getitem__, []) == []
