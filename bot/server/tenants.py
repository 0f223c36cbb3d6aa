"""Multi-tenancy: one application per office, the routing of requests to them, and the application above all offices.

That application lists the offices and signs in their common administrators. It is public, and reveals only the name
and address of each office.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.auth import SignIn
from bot.auth.sessions import base_path, session_secrets
from bot.auth.sign_in_page import render_plain_page
from bot.auth.sign_in_routes import router as sign_in_router
from bot.errors import BotError, OfficeError
from bot.http import problems
from bot.http.headers import SecurityHeaders
from bot.http.limits import BodyLimit, RateLimits
from bot.http.problems import UserFacingError, make_problem, problem_response, to_problem
from bot.http.schemas import Accepted, Ready
from bot.http.site import replace_host
from bot.office import read_office
from bot.runtime.health import Health
from bot.server.api import create_app
from bot.service import Service
from bot.web.access_log import AccessLog
from bot.web.entrance import admit_answers
from bot.web.proxy import ProxyHeaders
from bot.web.retention import delete_expired_records
from ingest.configuration.settings import Settings
from ingest.configuration.tenants import Tenant, read_tenants
from ingest.errors import IngestError

_UNKNOWN = "このアドレスの役所はありません。使える役所は / の一覧で確かめてください。"
router = APIRouter(include_in_schema=False)


def create_directory(settings: Settings, sign_in: SignIn, apps: Mapping[Tenant, FastAPI]) -> FastAPI:
    """Return the application, which starts and stops the tenants' applications. Raises OfficeError."""

    @asynccontextmanager
    async def lifespan(_directory: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for app in apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield

    directory = FastAPI(openapi_url=None, redirect_slashes=False, lifespan=lifespan)
    directory.state.settings = settings
    directory.state.office = read_office(settings)
    directory.state.sign_in = sign_in
    directory.state.limits = RateLimits(settings)
    directory.state.offices = apps
    directory.include_router(router)
    directory.include_router(sign_in_router)
    problems.install_handlers(directory)
    directory.add_exception_handler(HTTPException, _error_response)
    directory.add_middleware(BodyLimit)
    directory.add_middleware(AccessLog, count=lambda _status: None)
    directory.add_middleware(SecurityHeaders)
    return directory


@router.get("/")
def offices(request: Request) -> Response:
    """Show the list of offices."""
    return _directory_page(request, HTTPStatus.OK)


@router.get("/staff/")
@router.get("/workbench/")
def redirect_to_offices(request: Request) -> Response:
    """Redirect to the list, because only the offices have these pages."""
    return RedirectResponse(f"{base_path(request)}/", HTTPStatus.SEE_OTHER)


@router.get("/health")
async def health() -> Accepted:
    """Return 200 while the process runs."""
    return Accepted()


@router.get("/ready")
def ready(request: Request) -> Ready:
    """Return 200 while at least one office answers; each also has an address for this."""
    health = _health(request).values()
    if not any(office.answers for office in health):
        raise UserFacingError(HTTPStatus.SERVICE_UNAVAILABLE, make_problem(HTTPStatus.SERVICE_UNAVAILABLE).detail)
    return Ready.of(*health)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Return the readiness of each office; the other metrics are at the address of each office."""
    registry = CollectorRegistry()
    gauge = Gauge("shirube_tenant_ready", "答えられる役所は 1", ["tenant"], registry=registry)
    for tenant, health in _health(request).items():
        gauge.labels(tenant.id).set(health.answers)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _health(request: Request) -> dict[Tenant, Health]:
    apps: Mapping[Tenant, FastAPI] = request.app.state.offices
    checks = {tenant: app.state.service.start_health_check() for tenant, app in apps.items()}
    return {tenant: wait() for tenant, wait in checks.items()}


async def _error_response(request: Request, error: Exception) -> Response:
    """Return the list of offices to browsers at an unknown address, and problems otherwise."""
    status = getattr(error, "status_code", HTTPStatus.INTERNAL_SERVER_ERROR)
    if status != HTTPStatus.NOT_FOUND or isinstance(error, UserFacingError):
        return problem_response(to_problem(error), getattr(error, "headers", None))
    if "text/html" in request.headers.get("accept", ""):
        return await run_in_threadpool(_directory_page, request, HTTPStatus.NOT_FOUND)
    return problem_response(make_problem(status, _UNKNOWN))


def _directory_page(request: Request, status: int) -> Response:
    try:
        session = request.app.state.sign_in.find_session(session_secrets(request))
    except (BotError, IngestError):  # the list needs no database
        session = None
    tenants: Mapping[Tenant, FastAPI] = request.app.state.offices
    return render_plain_page(
        "offices.html",
        request.app.state.office,
        base_path(request),
        status=status,
        offices=[(tenant.settings.service_name, _address(request, tenant)) for tenant in tenants],
        person=session.person if session else None,
        is_administrator=bool(session and session.person.role == "admin"),
        is_unknown_address=status == HTTPStatus.NOT_FOUND,
    )


def _address(request: Request, tenant: Tenant) -> str:
    if request.app.state.settings.tenants_by == "path":
        return f"{base_path(request)}/{tenant.id}"
    return f"{replace_host(request.scope.get('site', ''), tenant.hosts[0])}{base_path(request)}"


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
def open_tenants(service: Service, settings: Settings, mount_pages: MountPages | None = None) -> Iterator[ASGIApp]:
    """Yield the application that serves every tenant of the settings.

    `service` provides the models; its administrators may sign in at every tenant. A tenant without a usable index does
    not keep others from answering. Raises SettingsError, OfficeError, and StorageError if the records of a tenant
    cannot be opened.
    """
    admission = admit_answers(settings)
    administration = SignIn(settings)
    with ExitStack() as stack:
        stack.callback(administration.close)
        apps: dict[Tenant, FastAPI] = {}
        for tenant in read_tenants(settings):
            root = f"{settings.root_path}/{tenant.id}" if settings.tenants_by == "path" else settings.root_path
            # Forwarding headers are already resolved by the ProxyHeaders around all tenants.
            tenant_settings = tenant.settings.model_copy(update={"root_path": root, "trusted_proxies": ""})
            tenant_service = service.for_tenant(tenant_settings)
            stack.callback(tenant_service.close)
            stack.enter_context(delete_expired_records(tenant_service, tenant_settings.keep_days))
            with suppress(IngestError):  # opens the index before the first question
                tenant_service.warm()
            try:
                app = create_app(tenant_service, tenant_settings, admission=admission, parent=administration)
            except OfficeError as error:
                raise OfficeError(f"役所「{tenant.id}」: {error}") from error
            if mount_pages:
                mount_pages(app, app.state.service, tenant_settings)
            apps[tenant] = app
        directory = create_directory(settings, administration, apps)
        yield ProxyHeaders(TenantRouter(directory, apps, by=settings.tenants_by, root=settings.root_path), settings)
