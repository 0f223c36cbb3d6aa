"""Interface of the pipeline as curation uses it; `bot.pipeline` implements it, and importing it would be a cycle."""

from typing import Protocol

from bot.curation.answerer import CuratedAnswerer
from bot.question.name_expansion import NameExpansion
from bot.question.query_parser import QueryParser
from bot.state import Turn
from ingest.embedding import Encoder
from ingest.index.index import Index


class ServedPipeline(Protocol):
    """The pipeline over the current index generation."""

    @property
    def index(self) -> Index:
        """The current index generation."""

    @property
    def encoder(self) -> Encoder:
        """The encoder of questions and passages."""

    @property
    def parse_query(self) -> QueryParser:
        """The parser of questions."""

    @property
    def curated(self) -> CuratedAnswerer | None:
        """The answerer of curated answers; None if none are stored."""

    @property
    def names(self) -> NameExpansion | None:
        """The step that searches names of the office's dictionary; None without a dictionary."""

    def answer(self, turn: Turn) -> tuple[Turn, dict[str, float]]:
        """Return the turn with its draft, and the milliseconds of each step."""
