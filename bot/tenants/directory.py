"""What stands before the offices: the list of them, and the sign-in of those who look after all of them.

All of it is for whoever comes: there is no gate, and nothing of any office is told but its name and its address.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from bot.errors import BotError
from bot.http import problems
from bot.http.headers import SafeHeaders
from bot.http.limits import BodyLimit, Limits
from bot.http.problems import ReaderError, problem, problem_of, response
from bot.http.shapes import Accepted, Ready
from bot.http.site import with_host
from bot.office import read_office
from bot.sign_in import SignIn
from bot.sign_in.cookie import root_of, sessions_of
from bot.sign_in.page import plain_page
from bot.sign_in.routes import router as sign_in_router
from bot.web.access_log import AccessLog
from ingest.errors import IngestError
from ingest.settings import Settings
from ingest.tenants import Tenant

_UNKNOWN = "このアドレスの役所はありません。使える役所は / の一覧で確かめてください。"
router = APIRouter(include_in_schema=False)


def create_directory(
    settings: Settings, sign_in: SignIn, apps: Mapping[Tenant, FastAPI], *, shared: bool = False
) -> FastAPI:
    """Return the application; it begins and ends those of the offices. `shared` as in `create_app`.

    Raises OfficeError.
    """

    @asynccontextmanager
    async def all_of_them(directory: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as opened:
            opened.callback(directory.state.limits.close)
            for app in apps.values():
                await opened.enter_async_context(app.router.lifespan_context(app))
            yield

    directory = FastAPI(openapi_url=None, redirect_slashes=False, lifespan=all_of_them)
    directory.state.settings = settings
    directory.state.office = read_office(settings)
    directory.state.sign_in = sign_in
    directory.state.limits = Limits(settings, shared=shared)
    directory.state.offices = apps
    directory.include_router(router)
    directory.include_router(sign_in_router)
    problems.install(directory)
    directory.add_exception_handler(HTTPException, _refused)
    directory.add_middleware(BodyLimit)
    directory.add_middleware(AccessLog, count=lambda _status: None)
    directory.add_middleware(SafeHeaders)
    return directory


@router.get("/")
def offices(request: Request) -> Response:
    """List the offices."""
    return _listed(request, HTTPStatus.OK)


@router.get("/staff/")
@router.get("/workbench/")
def elsewhere(request: Request) -> Response:
    """Lead those who have signed in here to the offices: only these have such pages."""
    return RedirectResponse(f"{root_of(request)}/", HTTPStatus.SEE_OTHER)


@router.get("/health")
async def health() -> Accepted:
    """Answer as long as the process lives."""
    return Accepted()


@router.get("/ready")
def ready(request: Request) -> Ready:
    """Answer when one of the offices can; each tells of itself at its own address."""
    if not any(_states(request).values()):
        raise ReaderError(HTTPStatus.SERVICE_UNAVAILABLE, problem(HTTPStatus.SERVICE_UNAVAILABLE).detail)
    apps: Mapping[Tenant, FastAPI] = request.app.state.offices
    kept = [app.state.service.keeps_records() for app in apps.values()]
    return Ready(records="ok" if all(kept) else "degraded")


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Tell which offices can answer; their own figures stand at their own addresses."""
    registry = CollectorRegistry()
    gauge = Gauge("shirube_tenant_ready", "答えられる役所は 1", ["tenant"], registry=registry)
    for tenant, is_ready in _states(request).items():
        gauge.labels(tenant.id).set(is_ready)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _states(request: Request) -> dict[Tenant, bool]:
    apps: Mapping[Tenant, FastAPI] = request.app.state.offices
    return {tenant: app.state.service.ready() for tenant, app in apps.items()}


async def _refused(request: Request, error: Exception) -> Response:
    """Show the list where an address is nobody's, to a program a problem; refuse anything else as elsewhere."""
    status = getattr(error, "status_code", HTTPStatus.INTERNAL_SERVER_ERROR)
    if status != HTTPStatus.NOT_FOUND or isinstance(error, ReaderError):
        return response(problem_of(error), getattr(error, "headers", None))
    if "text/html" in request.headers.get("accept", ""):
        return await run_in_threadpool(_listed, request, HTTPStatus.NOT_FOUND)
    return response(problem(status, _UNKNOWN))


def _listed(request: Request, status: int) -> Response:
    try:
        found = request.app.state.sign_in.found(sessions_of(request))
    except (BotError, IngestError):  # the list needs no database
        found = None
    tenants: Mapping[Tenant, FastAPI] = request.app.state.offices
    listed = [(tenant.settings.service_name, _address(request, tenant)) for tenant in tenants]
    looks_after = bool(found and found.person.role == "admin")
    return plain_page(
        "offices.html",
        request.app.state.office,
        root_of(request),
        status=status,
        offices=listed,
        person=found.person if found else None,
        looks_after=looks_after,
        unknown=status == HTTPStatus.NOT_FOUND,
    )


def _address(request: Request, tenant: Tenant) -> str:
    if request.app.state.settings.tenants_by == "path":
        return f"{root_of(request)}/{tenant.id}"
    return f"{with_host(request.scope.get('site', ''), tenant.hosts[0])}{root_of(request)}"
