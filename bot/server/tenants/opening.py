"""Opens the service and application of every tenant, and passes each request to its tenant's."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Literal

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.auth import SignIn
from bot.errors import OfficeError
from bot.http.site import replace_host
from bot.server.api import create_app
from bot.server.tenants.directory import create_directory
from bot.service import Service
from bot.web.admission import Admission
from bot.web.proxy import ProxyHeaders
from bot.web.retention import delete_expired_records
from ingest.configuration.settings import Settings
from ingest.configuration.tenants import Tenant, read_tenants
from ingest.errors import IngestError


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


MountPages = Callable[[FastAPI, Service, Settings], object]


@contextmanager
def open_tenants(
    service: Service, settings: Settings, mount_pages: MountPages | None = None, *, shared: bool = False
) -> Iterator[ASGIApp]:
    """Yield the application that serves every tenant of the settings.

    `service` provides the models; its administrators may sign in at every tenant. A tenant without a usable index does
    not keep others from answering. Raises SettingsError, OfficeError, and StorageError if the records of a tenant
    cannot be opened.
    """
    admission = Admission.from_settings(settings)
    administration = SignIn(settings)
    with ExitStack() as stack:
        stack.callback(administration.close)
        apps: dict[Tenant, FastAPI] = {}
        for tenant in read_tenants(settings):
            tenant_settings = _tenant_settings(settings, tenant)
            tenant_service = service.for_tenant(tenant_settings)
            stack.callback(tenant_service.close)
            stack.enter_context(delete_expired_records(tenant_service, tenant_settings.keep_days))
            with suppress(IngestError):  # opens the index before the first question
                tenant_service.warm()
            try:
                app = create_app(
                    tenant_service, tenant_settings, shared=shared, admission=admission, parent=administration
                )
            except OfficeError as error:
                raise OfficeError(f"役所「{tenant.id}」: {error}") from error
            if mount_pages:
                mount_pages(app, app.state.service, tenant_settings)
            apps[tenant] = app
        directory = create_directory(settings, administration, apps, shared=shared)
        yield ProxyHeaders(TenantRouter(directory, apps, by=settings.tenants_by, root=settings.root_path), settings)


def _tenant_settings(settings: Settings, tenant: Tenant) -> Settings:
    root = f"{settings.root_path}/{tenant.id}" if settings.tenants_by == "path" else settings.root_path
    # Forwarding headers are already resolved by the ProxyHeaders around all tenants.
    return tenant.settings.model_copy(update={"root_path": root, "trusted_proxies": ""})
