"""Routes each request to its tenant, by host or by the first part of the path."""

from collections.abc import Mapping
from typing import Literal

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.http.site import replace_host
from ingest.configuration.tenants import Tenant


class TenantRouter:
    """Passes each request to the application of its tenant, others to `directory`; `root` is the root path of all."""

    def __init__(
        self, directory: ASGIApp, apps: Mapping[Tenant, FastAPI], *, by: Literal["path", "host"], root: str
    ) -> None:
        self._directory = directory
        self._by = by
        self._root = root
        self._apps: dict[str, FastAPI] = {}
        for tenant, app in apps.items():
            names = tenant.hosts if by == "host" else (tenant.id,)
            self._apps.update(dict.fromkeys(names, app))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; the directory starts and stops all applications."""
        name = "" if scope["type"] == "lifespan" else self._tenant_name(scope)
        if self._by == "host" and name in self._apps:  # a configured host is trusted, unlike the client's Host header
            scope["site"] = replace_host(scope.get("site", ""), name)
        await self._apps.get(name, self._directory)(scope, receive, send)

    def _tenant_name(self, scope: Scope) -> str:
        if self._by == "host":
            host: str = Headers(scope=scope).get("host", "")
            return host.partition(":")[0].rstrip(".").lower()
        path: str = scope["path"]
        return path.removeprefix(self._root).removeprefix("/").partition("/")[0]
