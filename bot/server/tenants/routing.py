"""Routes each request to its tenant, by host or by the first part of the path."""

from collections.abc import Mapping
from typing import Literal

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.http.site import replace_host
from ingest.configuration.tenants import Tenant


class TenantRouter:
    """Passes each request to the application of its office; what is for none of them goes to `directory`.

    `root` is the path below which all of them hang, "" for none.
    """

    def __init__(
        self, directory: ASGIApp, apps: Mapping[Tenant, FastAPI], *, by: Literal["path", "host"], root: str
    ) -> None:
        self._directory = directory
        self._by = by
        self._root = root
        self._apps = {
            name: app for tenant, app in apps.items() for name in (tenant.hosts if by == "host" else (tenant.id,))
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; the directory begins and ends all applications."""
        named = "" if scope["type"] == "lifespan" else self._find_tenant(scope)
        if self._by == "host" and named in self._apps:  # a host of the list is no client's invention
            scope["site"] = replace_host(scope.get("site", ""), named)
        await self._apps.get(named, self._directory)(scope, receive, send)

    def _find_tenant(self, scope: Scope) -> str:
        if self._by == "host":
            host: str = Headers(scope=scope).get("host", "")
            return host.partition(":")[0].rstrip(".").lower()
        path: str = scope["path"]
        return path.removeprefix(self._root).removeprefix("/").partition("/")[0]
