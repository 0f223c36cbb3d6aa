"""Tests of the mounting of a Gradio page in the server."""

import gc
from pathlib import Path

from gradio.routes import App

from bot.pages.citizen.citizen_page import CITIZEN
from bot.pages.mount import mount_page
from bot.server.api import create_app
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn


def test_a_page_is_one_gradio_application(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data=tmp_path)
    app = create_app(StandIn(), settings)
    before = {id(one) for one in gc.get_objects() if type(one) is App}
    mount_page(app, CITIZEN, app.state.service, settings)
    (made,) = (one for one in gc.get_objects() if type(one) is App and id(one) not in before)
    assert made.get_blocks().app is made
