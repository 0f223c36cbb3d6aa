"""Opens the service and application of every tenant."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from bot.auth import SignIn
from bot.errors import OfficeError
from bot.runtime.service_interface import AnswerService
from bot.server.api import create_app
from bot.server.tenants.directory import create_directory
from bot.server.tenants.routing import TenantRouter
from bot.service import Service
from bot.web.admission import Admission
from bot.web.proxy import ProxyHeaders
from bot.web.retention import delete_expired_conversations
from ingest.configuration.settings import Settings
from ingest.configuration.tenants import Tenant, read_tenants

Hang = Callable[[FastAPI, AnswerService, Settings], object]


@contextmanager
def open_tenants(
    service: Service, settings: Settings, hang: Hang | None = None, *, shared: bool = False
) -> Iterator[ASGIApp]:
    """Yield what serves every office of the settings' list; `hang` hangs the pages in the application of each.

    `service` is that of the whole: it answers nothing, its models answer for all, and its administrators come in
    everywhere. One office without an index, or with a damaged one, keeps no other from answering. Raises SettingsError
    and OfficeError, StorageError where the records of one cannot be opened.
    """
    admission, above = Admission.from_settings(settings), SignIn(settings)
    with ExitStack() as closing:
        closing.callback(above.close)
        apps: dict[Tenant, FastAPI] = {}
        for tenant in read_tenants(settings):
            own = _tenant_settings(settings, tenant)
            theirs = service.for_tenant(own)
            closing.callback(theirs.close)
            closing.enter_context(delete_expired_conversations(theirs, own.keep_days))
            if theirs.ready():  # opens the index before the first question comes
                theirs.warm()
            app = apps[tenant] = _application(theirs, own, shared=shared, admission=admission, above=above)
            if hang:
                hang(app, app.state.service, own)
        directory = create_directory(settings, above, apps, shared=shared)
        yield ProxyHeaders(TenantRouter(directory, apps, by=settings.tenants_by, root=settings.root_path), settings)


def _tenant_settings(settings: Settings, tenant: Tenant) -> Settings:
    """Return an office's settings below the address that all have; what a proxy says was heard before it comes here."""
    below = f"{settings.root_path}/{tenant.id}" if settings.tenants_by == "path" else settings.root_path
    return tenant.settings.model_copy(update={"root_path": below, "trusted_proxies": ""})


def _application(service: Service, own: Settings, *, shared: bool, admission: Admission, above: SignIn) -> FastAPI:
    try:
        return create_app(service, own, shared=shared, admission=admission, above=above)
    except OfficeError as error:
        raise OfficeError(f"役所「{own.tenant}」: {error}") from error
