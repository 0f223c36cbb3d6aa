"""The measured process of the product: `python -m eval.benchmarks.speed.ours build|serve|listen …`."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter

from eval.benchmarks.speed.resident import resident_mb
from eval.benchmarks.speed.serving import Operation, serve
from ingest.configuration.settings import Settings


def save_settings(settings: Settings, file: Path) -> None:
    """Write the settings of a measured process, without language models and secrets."""
    plain = settings.model_copy(update={"llm": (), "llm_gguf": None, "database_url": None})
    file.write_text(plain.model_dump_json(), "utf-8")


def main(operation: str, settings_file: str, *material: str) -> None:
    """Index the material, serve the index over pipes, or listen like the product's server."""
    settings = Settings(_env_file=None, **json.loads(Path(settings_file).read_text("utf-8")))
    if operation == "build":
        _build(settings, Path(*material))
    elif operation == "listen":
        _listen(settings)
    else:
        serve(lambda: _open_service(settings))


def _build(settings: Settings, material: Path) -> None:
    from eval.benchmarks.speed.readings_file import read_readings  # noqa: PLC0415 -- not for the server
    from ingest.build.build import index_documents  # noqa: PLC0415

    readings = read_readings(material)
    started = perf_counter()
    index_documents(settings, readings)
    sys.stdout.write(json.dumps({"build_s": perf_counter() - started, "rss_mb": resident_mb()}) + "\n")


def _listen(settings: Settings) -> None:
    from bot.server.serve import serve_until_stopped  # noqa: PLC0415 -- as above

    # Any free port, without a rate limit.
    serve_until_stopped(settings.model_copy(update={"port": 0, "requests_per_minute": 10**9}), workers=1)


def _open_service(settings: Settings) -> Mapping[str, Operation]:
    from datetime import date  # noqa: PLC0415 -- part of the measured start

    from bot.pages.mount import mount_pages  # noqa: PLC0415
    from bot.server.api import create_app  # noqa: PLC0415
    from bot.service import Service  # noqa: PLC0415
    from bot.state import Question  # noqa: PLC0415

    service = Service(settings, date.today)
    app = create_app(service, settings)
    mount_pages(app, app.state.service, settings)
    service.documents()
    return {"search": service.search, "answer": lambda text: service.ask(Question(question=text))}


if __name__ == "__main__":
    main(*sys.argv[1:])
