"""Loads written conversations for training and measuring the follow-up model."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random

from eval.dataset.sets import project_sets
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_json_lines
from ingest.japanese import nfkc

WRITTEN = tuple(sorted(Path(__file__).with_name("conversations").glob("*.jsonl")))
"""The project's own conversations."""
ABOUT, SWAP, ALONE, SINGLE = "about", "swap", "alone", "single"
_EXCLUDED_KINDS = frozenset({"attack", "lookalike"})


@dataclass(frozen=True, slots=True)
class FollowUpQuestion:
    """A question after the question `before`, and its reference rewriting `whole`, all normalised.

    `kind` is ABOUT, SWAP or ALONE, or SINGLE without a conversation. `carried` are the parts of `before` that `whole`
    takes over; `replaced` is the part of `before` replaced by `by` of the `text`, or "". `answer` is the answer to
    `before`, `doc` the article or file that answers this question, and `same_document` whether it also answers
    `before`. `group` is the conversation, `writer` its file.
    """

    text: str
    kind: str
    whole: str
    before: str
    answer: str
    doc: str
    same_document: bool
    group: str
    writer: str = ""
    carried: tuple[str, ...] = ()
    replaced: str = ""
    by: str = ""


def load_conversations(files: Iterable[Path]) -> list[FollowUpQuestion]:
    """Return the follow-up questions of `files`; raises SetFileError for an invalid one."""
    questions = []
    for file in files:
        for conversation in read_json_lines(file):
            try:
                turns = conversation["turns"]
                questions += [
                    FollowUpQuestion(
                        nfkc(turn["text"]).strip(),
                        turn["kind"],
                        nfkc(turn["whole"]).strip(),
                        nfkc(before["whole"]).strip(),
                        nfkc(before["answer"]),
                        turn["doc"],
                        turn["doc"] == before["doc"],
                        conversation["id"],
                        file.stem,
                        tuple(map(nfkc, turn.get("carried", ()))),
                        nfkc(turn.get("replaced", "")),
                        nfkc(turn.get("by", "")),
                    )
                    for before, turn in pairwise(turns)
                ]
            except (KeyError, TypeError, AttributeError) as error:
                raise SetFileError(f"{file}: 会話の形式が違います（{error}）。") from error
    if unknown := {one.kind for one in questions} - {ABOUT, SWAP, ALONE}:
        raise SetFileError(
            f"会話の kind は about、swap、alone のどれかです（{'、'.join(map(str, sorted(unknown)))}）。"
        )
    return questions


def load_single_questions() -> list[FollowUpQuestion]:
    """Return the single-turn questions of the project's sets, each after one about other documents.

    They are grouped by documents. The sets of originals that corpus/ restates have the same questions and are skipped.
    """
    by_group: dict[str, dict[str, None]] = {}
    for one in project_sets():
        if one.is_available and not one.name.startswith("sources"):
            cases = (c for c in one.load(one.files) if c.behave != "clarify" and c.kind not in _EXCLUDED_KINDS)
            single = (nfkc(c.turns[0]).strip() for c in cases if len(c.turns) == 1)
            by_group.setdefault("/".join(one.corpora[0].parts[-2:]), {}).update(dict.fromkeys(single))
    random = Random(0)  # noqa: S311 -- reproducible
    others = {
        group: [q for other, questions in by_group.items() if other != group for q in questions] for group in by_group
    }
    return [
        FollowUpQuestion(text, SINGLE, text, random.choice(others[group]), "", "", False, group, group)  # noqa: FBT003
        for group, questions in by_group.items()
        for text in questions
    ]
