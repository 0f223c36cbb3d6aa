"""Which of Gradio's doors are open: those that the pages need; uploads, remote calls, files and monitoring are shut."""

import re

from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Scope

# What a browser that shows a page asks for, seen in its request log. Whatever is not named here falls through to
# the other routes, so that an unknown address gets the same answer everywhere.
OPEN = re.compile(
    r"/(?:config|theme\.css|favicon\.ico|manifest\.json|robots\.txt)?"
    r"|/(?:assets|static)/.+"
    r"|/gradio_api/(?:queue/(?:join|data)|heartbeat/\w+|app_id|cancel|reset|startup-events)"
)


class Doors(Mount):
    """A mounted Gradio application of which only the `OPEN` paths, and those that match `more`, can be reached."""

    def __init__(self, path: str, app: ASGIApp, more: str = "") -> None:
        super().__init__(path, app=app)
        self._open = re.compile(f"{OPEN.pattern}|{more}") if more else OPEN

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match the open paths below the mount and nothing else."""
        match, child = super().matches(scope)
        if match is Match.NONE:
            return match, child
        below = scope["path"].removeprefix(child["root_path"])
        return (match, child) if self._open.fullmatch(below) else (Match.NONE, {})
