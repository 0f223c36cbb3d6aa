"""What the views of the console work on."""

from dataclasses import dataclass

from bot.answering import Answering
from ingest.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """The service that answers, and where its data lie."""

    service: Answering
    settings: Settings
