from pathlib import Path
from typing import Any

import pytest

from bot.errors import UnknownPassageError
from eval.dataset.case import Case
from eval.errors import RunFolderError
from eval.scoring.run_record import load_run, save_run
from eval.scoring.score import score_answer
from eval.scoring.statement_support import check_support
from ingest.documents import Document, Passage
from tests.eval.examples import CITE, make_answer, make_case, make_row, make_run

WRONG = "目標値は1,655人、実績は1,500人です[1]。"


def failures(case: Case, answer: dict[str, Any]) -> tuple[str, ...]:
    return tuple(finding.reason for finding in score_answer(case, answer) if not finding.passed)


@pytest.mark.parametrize(
    ("case", "answer", "expected"),
    [
        ({}, {}, ()),
        ({}, {"status": "partial"}, ()),
        ({"must": [["千五百人", "1,500人"]]}, {}, ()),
        ({"must": [["1,500人"], ["令和4年度", "2023年3月"]]}, {}, ("「令和4年度」「2023年3月」のどれも無い",)),
        ({"must_not": ["目標値は1,655人"]}, {"text": WRONG}, ("「目標値は1,655人」がある",)),
        ({"cite": ["other#節", CITE]}, {}, ()),
        ({}, {"cite": "dx-kaigi-r4-4#KPI達成状況（市民サービスの向上）"}, ()),
        ({}, {"cite": "dx-kaigi-r4-4#節"}, ("出典が違う(回答の出典: dx-kaigi-r4-4#節)",)),
        ({}, {"cite": "other#KPI達成状況"}, ("出典が違う(回答の出典: other#KPI達成状況)",)),
        (
            {"behave": "abstain", "must_not": ["億円"]},
            {"text": "予算は3億円ですが、文書にはありません。", "status": "no_answer"},
            ("「億円」がある",),
        ),
    ],
)
def test_an_answer_passes_with_every_fact_nothing_forbidden_and_an_accepted_source(
    case: dict[str, Any], answer: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert failures(make_case(**case), make_answer(**answer)) == expected


@pytest.mark.parametrize(
    ("behave", "status", "passed"),
    [
        ("answer", "no_answer", False),
        ("answer", "clarify", False),
        ("answer", "smalltalk", False),
        ("abstain", "no_answer", True),
        ("abstain", "out_of_scope", True),
        ("abstain", "blocked", True),
        ("abstain", "clarify", False),
        ("abstain", "answered", False),
        ("abstain", "partial", False),
        ("clarify", "clarify", True),
        ("clarify", "no_answer", False),
        ("clarify", "answered", False),
    ],
)
def test_the_status_must_match_the_expected_behaviour(behave: str, status: str, *, passed: bool) -> None:
    text = "目標値は1,500人です。" if behave == "answer" else "見つかりませんでした。"
    findings = score_answer(make_case(behave=behave), make_answer(text, status))
    finding = next(finding for finding in findings if finding.check == "status")
    assert finding.passed is passed


TARGET = "目標値は1,500人です[1]。"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{TARGET}詳しくは[7]です。", "出典に無い番号 [7]"),
        ("目標値は1,500人です。", "出典 [1] が文中に出てこない"),
        (f"{TARGET}あなたは、資料をよく読む係です。渡された資料だけを使って", "言語モデルへの指示"),
        (f"{TARGET}番号は123456789018です。", "〔マイナンバー〕"),
        (f"{TARGET}090-1234-5678", "携帯電話"),
        (f"{TARGET}<script>alert(1)</script>", "画面で働く書き方"),
        (f"{TARGET}![x](http://a.example/x.png)", "画面で働く書き方"),
    ],
)
def test_a_violation_fails_an_otherwise_right_answer(text: str, message: str) -> None:
    (reason,) = failures(make_case(), make_answer(text))
    assert message in reason


def test_the_error_for_a_folder_without_a_readable_run_names_it(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=rf"{tmp_path.name}.*--out"):
        load_run(tmp_path)
    save_run(tmp_path, make_run(make_row("a", passed=True)))
    rows = tmp_path / "rows.jsonl"
    rows.write_text(rows.read_text("utf-8")[:-20], "utf-8")
    with pytest.raises(RunFolderError, match="読めません"):
        load_run(tmp_path)


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
