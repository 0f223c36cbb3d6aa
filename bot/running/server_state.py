"""What all routes and pages of a server share."""

from dataclasses import dataclass

from fastapi import FastAPI

from bot.running.auth.access import Access
from bot.running.auth.sign_in import SignIn
from bot.running.http.admission import Admission
from bot.running.office.office import Office
from bot.running.service.service import Service
from ingest.configuration.settings import Settings


@dataclass(frozen=True, slots=True)
class ServerState:
    """The settings and open services of a server; `bot/running/server/api.py` makes one for each application.

    `larger_bodies` are the largest request bodies, in bytes, by path, where they exceed a question's.
    """

    settings: Settings
    service: Service
    office: Office
    admission: Admission
    sign_in: SignIn
    access: Access
    larger_bodies: dict[str, int]


def server_state(app: FastAPI) -> ServerState:
    """Return the state of the server whose application `app` is; a route passes `request.app`."""
    state: ServerState = app.state.server
    return state
