"""Where the pages hang in the server: only the doors they need are open, and they speak Japanese."""

from pathlib import Path

import gradio as gr
from fastapi import FastAPI
from starlette.routing import Mount

from bot.answering import Answering
from bot.ui.citizen import citizen_page
from bot.ui.doors import Doors
from bot.ui.shell import Shell
from bot.ui.theme import quiet_theme
from ingest.settings import Settings

STATIC = Path(__file__).parent / "static"
DESCRIPTION = "計画や会議の資料から、根拠を示して答えます。"


def mount(app: FastAPI, service: Answering, settings: Settings) -> FastAPI:
    """Hang the citizen's page at `/` and return `app`."""
    page = citizen_page(service, settings)
    # Without a bound of its own: the waiting room turns away in Japanese what Gradio would in English.
    page.queue(api_open=False, default_concurrency_limit=None)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        theme=quiet_theme(),
        css_paths=STATIC / "chat.css",
        favicon_path=str(STATIC / "icon.svg"),
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size="1b",
    )
    gradio = app.routes.pop()
    if not isinstance(gradio, Mount):
        raise TypeError(f"Gradio is expected as the last route, not {gradio!r}")
    app.router.routes.append(
        Doors(gradio.path, Shell(gradio.app, title=settings.service_name, description=DESCRIPTION))
    )
    return app
