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
"""The conversations of this project."""
ABOUT, SWAP, ALONE, SINGLE = "about", "swap", "alone", "single"
_OTHER_THAN_ASKED = frozenset({"attack", "lookalike"})


@dataclass(frozen=True, slots=True)
class FollowUpQuestion:
    """A question as it was typed behind the whole question `before`, and what a writer made of it, in normal form.

    `kind` is ABOUT, SWAP or ALONE, or SINGLE where it is no conversation's. `carried` are the runs of `before` that its
    `whole` takes over, `replaced` what of `before` gives way to the run `by` of the `text`, or nothing. `answer` is
    that of the question before, `doc` the article or file that answers this one, `beside` whether it answered the one
    before. `group` is the conversation, `writer` the file that it stands in.
    """

    text: str
    kind: str
    whole: str
    before: str
    answer: str
    doc: str
    beside: bool
    group: str
    writer: str = ""
    carried: tuple[str, ...] = ()
    replaced: str = ""
    by: str = ""


def load_conversations(files: Iterable[Path]) -> list[FollowUpQuestion]:
    """Return the questions behind others of `files`; raises SetFileError where one is not in the format."""
    found = []
    for file in files:
        for conversation in read_json_lines(file):
            try:
                turns = conversation["turns"]
                found += [
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
    if unknown := {one.kind for one in found} - {ABOUT, SWAP, ALONE}:
        raise SetFileError(
            f"会話の kind は about、swap、alone のどれかです（{'、'.join(map(str, sorted(unknown)))}）。"
        )
    return found


def load_single_questions() -> list[FollowUpQuestion]:
    """Return the questions of the project's sets that are asked once, each behind one about other documents.

    They are grouped by the documents that they are about. What restates the originals of corpus/ asks the same.
    """
    asked: dict[str, dict[str, None]] = {}
    for one in project_sets():
        if one.is_available and not one.name.startswith("sources"):
            cases = (c for c in one.load(one.files) if c.behave != "clarify" and c.kind not in _OTHER_THAN_ASKED)
            once = (nfkc(c.turns[0]).strip() for c in cases if len(c.turns) == 1)
            asked.setdefault("/".join(one.corpora[0].parts[-2:]), {}).update(dict.fromkeys(once))
    random = Random(0)  # noqa: S311 -- the same ones each time
    others = {group: [q for other, of in asked.items() if other != group for q in of] for group in asked}
    return [
        FollowUpQuestion(text, SINGLE, text, random.choice(others[group]), "", "", False, group, group)  # noqa: FBT003
        for group, of in asked.items()
        for text in of
    ]
