"""A kind of content: what is compiled of it from documents at build, and what it adds to an answer."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.state import Answerer, Step
from ingest.documents import Document
from ingest.index.index import Index
from ingest.index.passages import PassageStore


@dataclass(frozen=True, slots=True)
class ContentKind:
    """A kind of content that a folder of `bot/kinds` holds: tables, speeches of minutes, references, opening hours.

    Attributes:
        name: the name of its artefacts in a generation.
        compile: returns the artefact of a document from its blocks and passages, None without any. If it raises, the
            document is searched without it (ingest/build/kinds.py).
        answerer: returns, for an index, what derives evidence from the artefacts, None for a question that wants
            nothing of this kind. The evidence answers without a model, and is the first material of one.
        qualifier: returns, for an index, the step that adds to any answer what belongs to it.
    """

    name: str
    compile: Callable[[PassageStore, Document], bytes | None]
    answerer: Callable[[Index], Answerer] | None = None
    qualifier: Callable[[Index], Step] | None = None
