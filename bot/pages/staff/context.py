"""Context of the console's views: the service and the settings."""

from dataclasses import dataclass

from bot.runtime.service_interface import AnswerService
from ingest.configuration.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """The service that answers, and where its data lie."""

    service: AnswerService
    settings: Settings
