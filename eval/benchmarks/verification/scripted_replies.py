"""Loads scripted replies of a language model, right and wrong, over passages of a corpus."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from eval.dataset.case import Words
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_models
from ingest.documents import Passage

ROOT = Path(__file__).parents[3]
REPLIES = Path(__file__).parents[2] / "scripted"
# Folder of replies below REPLIES, and of their documents below ROOT.
_REPLY_SETS = (
    ("kanazawa", "corpus"),
    ("ashino", "tests/documents/ashino"),
    ("hiyahara", "tests/documents/hiyahara"),
    ("kumoizawa", "tests/documents/kumoizawa"),
    ("tsuyukusa", "tests/documents/tsuyukusa"),
    ("minato", "tests/documents/minato"),
    ("hibarino", "tests/documents/hibarino"),
)

AS_OF = date(2026, 11, 20)
"""The default as-of date of replies, when the later plan of corpus/ is in force."""


class ScriptedReply(BaseModel):
    """One reply, with the fields of `eval/scripted/README.md`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Words
    kind: Words
    right: bool
    written: Literal["before", "after"]
    question: Words
    passages: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z0-9.-]+#.+$")], ...], Field(min_length=1)]
    reply: Words
    wrong: str = ""
    planted: str = ""
    as_of: date = AS_OF


@dataclass(frozen=True, slots=True)
class ReplySet:
    """The replies of `files` about the documents in `corpus`."""

    name: str
    files: tuple[Path, ...]
    corpus: Path


def reply_sets() -> tuple[ReplySet, ...]:
    """Return the project's replies whose documents are on this machine."""
    sets = (
        ReplySet(name, tuple(sorted((REPLIES / name).glob("*.jsonl"))), ROOT / corpus) for name, corpus in _REPLY_SETS
    )
    return tuple(replies for replies in sets if (replies.corpus / "manifest.toml").is_file())


def load_replies(files: Iterable[Path]) -> tuple[ScriptedReply, ...]:
    """Return the replies of `files`; raises SetFileError, with file and line, for an invalid one or a repeated id."""
    replies: dict[str, ScriptedReply] = {}
    for file in files:
        for location, reply in read_models(file, ScriptedReply, "回答の台本（書き方は eval/scripted/README.md）"):
            if reply.id in replies:
                raise SetFileError(f"{location}: id「{reply.id}」は2回目です。別の id にしてください。")
            replies[reply.id] = reply
    if not replies:
        raise SetFileError("回答の台本が1件もありません。--replies に台本のファイル(*.jsonl)を指定してください。")
    return tuple(replies.values())


def resolve_passages(reply: ScriptedReply, passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Return the passages that a reply refers to. Raises SetFileError if one is missing or ambiguous."""
    resolved = [_resolve_passage(name, reply.id, passages) for name in reply.passages]
    if reply.planted:
        planted = Passage(f"{resolved[0].doc_id}#planted", resolved[0].doc_id, "text", (), reply.planted, (1,))
        return (*resolved, planted)
    return tuple(resolved)


def _resolve_passage(name: str, reply_id: str, passages: Sequence[Passage]) -> Passage:
    doc_id, beginning = name.split("#", 1)
    matching = [passage for passage in passages if passage.doc_id == doc_id and passage.text.startswith(beginning)]
    if len(matching) != 1:
        raise SetFileError(
            f"台本「{reply_id}」の箇所「{name}」が文書に{len(matching)}か所あります。書き出しを文書に合わせてください。"
        )
    return matching[0]
