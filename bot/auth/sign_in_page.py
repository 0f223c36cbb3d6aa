"""Renders the sign-in page, the head of staff pages, and other pages without scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from starlette.responses import HTMLResponse

from bot.auth.access import PAGES, permitted_pages
from bot.auth.person import MAX_NAME_CHARS, SignedInPerson
from bot.auth.sessions import Session
from bot.office import Office
from bot.rendering.html.markup import join_assets, make_environment

_HERE = Path(__file__).parent
_TEMPLATES = make_environment(_HERE / "templates")


@dataclass(frozen=True, slots=True)
class SignInForm:
    """The state of the sign-in form: previous input and a `message` about it.

    `onward` is the path to continue at. For a `person` who has signed in, `sessions` are theirs, and `current_session`
    is the id of this browser's.
    """

    onward: str = ""
    token: str = ""
    name: str = ""
    message: str = ""
    person: SignedInPerson | None = None
    sessions: Sequence[Session] = ()
    current_session: str = ""


def render_masthead(service: str, address: str, person: SignedInPerson, root: str = "..") -> str:
    """Return the HTML head of the page at `address` (one of `PAGES`) with links to the person's other pages.

    `root` is the relative path to the root of the server.
    """
    others = {other: title for other, title in permitted_pages(person).items() if other != address}
    html = _TEMPLATES.get_template("masthead.html")
    return html.render(service=service, page=PAGES[address], others=others, person=person, root=root)


def render_sign_in(
    form: SignInForm,
    office: Office,
    root: str,
    *,
    with_token: bool = False,
    with_password: bool = True,
    provider: str = "",
    status: int = HTTPStatus.OK,
) -> HTMLResponse:
    """Return the sign-in page; `root` is the root path of the server.

    It offers the start token, a password, and the identity `provider` at this origin.
    """
    return render_plain_page(
        "sign_in.html",
        office,
        root,
        provider,
        status=status,
        form=form,
        with_token=with_token,
        with_password=with_password,
        provider=provider,
        max_name_chars=MAX_NAME_CHARS,
        pages=permitted_pages(form.person) if form.person else {},
    )


def render_plain_page(
    template: str, office: Office, root: str, form_target: str = "", *, status: int, **values: Any
) -> HTMLResponse:
    """Return a page that loads nothing else; `root` is the root path of the server.

    `form_target` is another origin to which the forms of the page may redirect.
    """
    nonce = token_urlsafe(16)
    accent = office.accent.css() if office.accent else ""
    style = "\n".join([join_assets(_HERE / "static", "base.css", "sign_in.css"), accent])
    html = _TEMPLATES.get_template(template).render(service=office.name, root=root, nonce=nonce, style=style, **values)
    headers = {
        "content-security-policy": (
            f"default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self' data:; "
            f"form-action 'self' {form_target}; base-uri 'none'; frame-ancestors 'none'"
        ),
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    return HTMLResponse(html, status, headers)
