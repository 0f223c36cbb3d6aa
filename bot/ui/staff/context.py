"""Context of the console's views: the service and the settings."""

from dataclasses import dataclass

from bot.service_interface import AnswerService
from ingest.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """The service that answers, and where its data lie."""

    service: AnswerService
    settings: Settings
