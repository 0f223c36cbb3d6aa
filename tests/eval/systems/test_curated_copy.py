"""Curated answers in the measured system."""

from pydantic import SecretStr

from bot.service import open_service
from eval.systems.local import open_service_index
from ingest.configuration.settings import Settings
from tests.bot.answer_assertions import TODAY
from tests.bot.curation.desks import UNKNOWN, published

pytest_plugins = ["tests.bot.city_index"]


def test_curated_answers_are_measured_from_any_database(own_settings: Settings) -> None:
    elsewhere = SecretStr(f"sqlite:///{own_settings.data.parent / 'office.sqlite'}")
    settings = own_settings.model_copy(update={"database_url": elsewhere})
    with open_service(settings, lambda: TODAY) as service:
        published(service)
        with open_service_index(settings) as subject:
            answer = subject.ask({"question": UNKNOWN, "as_of": TODAY.isoformat()})
        assert answer["generator"] == "curated"
        assert service.desk.groups(frozenset({"open"})) == []
