"""What curation needs of the pipeline in service; `bot.pipeline` provides it and is not imported here."""

from typing import Protocol

from bot.curation.answerer import CuratedAnswerer
from bot.question.query_parser import QueryParser
from bot.state import Turn
from ingest.embedding import Encoder
from ingest.index.index import Index


class ServedPipeline(Protocol):
    """The pipeline over the index generation in service."""

    @property
    def index(self) -> Index:
        """The index generation that answers."""

    @property
    def encoder(self) -> Encoder:
        """The encoder of questions and passages."""

    @property
    def read_query(self) -> QueryParser:
        """The parser of questions."""

    @property
    def curated(self) -> CuratedAnswerer | None:
        """The answerer of curated answers; None where none are kept."""

    def answer(self, turn: Turn) -> tuple[Turn, dict[str, float]]:
        """Return the turn with its draft, and the milliseconds of each step."""
