"""Renders the sign-in page and other plain pages without scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from starlette.responses import HTMLResponse

from bot.auth.pages import PAGES, permitted_pages
from bot.auth.person import LONGEST_NAME, Person
from bot.auth.sessions import Session
from bot.office import Office
from bot.rendering.html.assets import join_assets
from bot.rendering.html.markup import make_environment

_HERE = Path(__file__).parent
_TEMPLATES = make_environment(_HERE / "templates")


@dataclass(frozen=True, slots=True)
class SignInForm:
    """What stands on the page: what was typed already, and what is `told` of it.

    `person` has signed in already, and these are the person's `sessions`, that of this browser is `here`; `onward` is
    where the way goes on, a path of this server.
    """

    onward: str = ""
    token: str = ""
    name: str = ""
    told: str = ""
    person: Person | None = None
    sessions: Sequence[Session] = ()
    here: str = ""


@dataclass(frozen=True, slots=True)
class SignInOptions:
    """How one can sign in here: by the start token, at the `provider` of this site, with a name and its password."""

    by_token: bool = False
    provider: str = ""
    by_password: bool = True


def masthead(service: str, here: str, person: Person, root: str = "..") -> str:
    """Return the head of the page at `here` (one of `PAGES`): its name, the other pages, who is there.

    `root` leads to the top of the server.
    """
    others = {address: called for address, called in permitted_pages(person).items() if address != here}
    html = _TEMPLATES.get_template("masthead.html")
    return html.render(service=service, page=PAGES[here], others=others, person=person, root=root)


def sign_in_page(
    form: SignInForm, office: Office, root: str, ways: SignInOptions = SignInOptions(), *, status: int = HTTPStatus.OK
) -> HTMLResponse:
    """Return the page on which one signs in."""
    return plain_page(
        "sign_in.html",
        office,
        root,
        ways.provider,
        status=status,
        form=form,
        ways=ways,
        longest_name=LONGEST_NAME,
        pages=permitted_pages(form.person) if form.person else {},
    )


def plain_page(
    template: str, office: Office, root: str, onward: str = "", *, status: int, **values: Any
) -> HTMLResponse:
    """Return a page, nothing of which is loaded from elsewhere; the server hangs below the path `root`.

    `onward` is another site to which its forms may lead.
    """
    nonce = token_urlsafe(16)
    accent = office.accent.css() if office.accent else ""
    style = "\n".join([join_assets(_HERE / "static", "base.css", "sign_in.css"), accent])
    html = _TEMPLATES.get_template(template).render(service=office.name, root=root, nonce=nonce, style=style, **values)
    headers = {
        "content-security-policy": (
            f"default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self' data:; "
            f"form-action 'self' {onward}; base-uri 'none'; frame-ancestors 'none'"
        ),
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    return HTMLResponse(html, status, headers)
