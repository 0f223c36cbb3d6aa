"""Routes of the embedding scripts, `/embed.js` and `/embedded.js`."""

import json
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.channels.html.markup import join_assets
from bot.running.http.problems import UserFacingError
from bot.running.office.accent import accent_css
from bot.running.office.office import Office
from bot.running.server_state import server_state

STATIC = Path(__file__).parent / "static"
_STYLE, _LAUNCHER, _EMBEDDED = (join_assets(STATIC, name) for name in ("launcher.css", "launcher.js", "embedded.js"))
# Cached briefly by other sites, because the scripts depend on settings.
HEADERS = {
    "cache-control": "public, max-age=300",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
}
router = APIRouter(include_in_schema=False)


@router.get("/embed.js")
async def embed(request: Request) -> Response:
    office = server_state(request.app).office
    style = _STYLE + accent_css(office.accent, ":host")
    values = {"name": office.name, "origins": office.embed_origins, "style": style}
    return _script(_LAUNCHER.replace("__OFFICE__", json.dumps(values)), office)


@router.get("/embedded.js")
async def embedded(request: Request) -> Response:
    office = server_state(request.app).office
    return _script(_EMBEDDED, office)


def _script(script: str, office: Office) -> Response:
    if not office.embed_origins:
        raise UserFacingError(
            404, "埋め込みは開かれていません。埋め込むサイトを SHIRUBE_EMBED_ORIGINS に書いてください。"
        )
    return Response(script, media_type="text/javascript; charset=utf-8", headers=HEADERS)
