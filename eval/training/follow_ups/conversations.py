"""Loads written conversations for training and measuring the follow-up model."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from eval.dataset.sets import project_sets
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_json_lines
from ingest.japanese import nfkc

WRITTEN = tuple(sorted(Path(__file__).with_name("conversations").glob("*.jsonl")))
"""The project's own conversations."""
# Kinds of questions: about the subject of the one before, with one part exchanged, standing alone in a conversation,
# without a conversation.
ABOUT_PREVIOUS = "about"
SWAP = "swap"
COMPLETE_QUESTION = "alone"
SINGLE = "single"
_EXCLUDED_KINDS = frozenset({"attack", "lookalike"})


@dataclass(frozen=True, slots=True)
class FollowUpQuestion:
    """A question of a conversation, and its reference rewriting; all texts are normalised.

    Attributes:
        text: the question as typed.
        kind: ABOUT_PREVIOUS, SWAP or COMPLETE_QUESTION, or SINGLE without a conversation.
        standalone_text: the reference rewriting, which needs no previous question.
        previous_question: the standalone text of the question before.
        answer: the answer to the previous question.
        source_id: the article or file that answers this question.
        same_document: whether it also answers the previous question.
        group: the conversation.
        writer: the file of the conversation.
        carried: the parts of the previous question that the standalone text takes over.
        replaced: the part of the previous question that `replacement` replaces, or "".
        replacement: the part of `text` that replaces it, or "".
    """

    text: str
    kind: str
    standalone_text: str
    previous_question: str
    answer: str
    source_id: str
    same_document: bool
    group: str
    writer: str = ""
    carried: tuple[str, ...] = ()
    replaced: str = ""
    replacement: str = ""


def load_conversations(files: Iterable[Path]) -> list[FollowUpQuestion]:
    """Return the follow-up questions of `files`; raises SetFileError for an invalid one."""
    questions = []
    for file in files:
        for conversation in read_json_lines(file):
            try:
                for previous, turn in pairwise(conversation["turns"]):
                    questions.append(_read_question(previous, turn, conversation["id"], file.stem))
            except (KeyError, TypeError, AttributeError) as error:
                raise SetFileError(f"{file}: 会話の形式が違います（{error}）。") from error
    if unknown := {question.kind for question in questions} - {ABOUT_PREVIOUS, SWAP, COMPLETE_QUESTION}:
        raise SetFileError(
            f"会話の kind は about、swap、alone のどれかです（{'、'.join(map(str, sorted(unknown)))}）。"
        )
    return questions


def _read_question(
    previous: dict[str, Any], turn: dict[str, Any], conversation_id: str, writer: str
) -> FollowUpQuestion:
    return FollowUpQuestion(
        text=nfkc(turn["text"]).strip(),
        kind=turn["kind"],
        standalone_text=nfkc(turn["whole"]).strip(),
        previous_question=nfkc(previous["whole"]).strip(),
        answer=nfkc(previous["answer"]),
        source_id=turn["doc"],
        same_document=turn["doc"] == previous["doc"],
        group=conversation_id,
        writer=writer,
        carried=tuple(map(nfkc, turn.get("carried", ()))),
        replaced=nfkc(turn.get("replaced", "")),
        replacement=nfkc(turn.get("by", "")),
    )


def load_single_questions() -> list[FollowUpQuestion]:
    """Return the single-turn questions of the project's sets, each after one about other documents.

    They are grouped by documents. The sets of originals that corpus/ restates have the same questions and are skipped.
    """
    by_group: dict[str, dict[str, None]] = {}
    for case_set in project_sets():
        if not case_set.is_available or case_set.name.startswith("sources"):
            continue
        group = by_group.setdefault("/".join(case_set.corpora[0].parts[-2:]), {})
        for case in case_set.load(case_set.files):
            if len(case.turns) == 1 and case.behave != "clarify" and case.kind not in _EXCLUDED_KINDS:
                group[nfkc(case.turns[0]).strip()] = None
    random = Random(0)  # noqa: S311 -- reproducible
    singles = []
    for group_name, questions in by_group.items():
        others = [question for other, of_other in by_group.items() if other != group_name for question in of_other]
        singles += [_make_single(text, random.choice(others), group_name) for text in questions]
    return singles


def _make_single(text: str, previous_question: str, group: str) -> FollowUpQuestion:
    return FollowUpQuestion(
        text=text,
        kind=SINGLE,
        standalone_text=text,
        previous_question=previous_question,
        answer="",
        source_id="",
        same_document=False,
        group=group,
        writer=group,
    )
