"""Renders the sign-in page and the head of staff pages."""

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from secrets import token_urlsafe

from starlette.responses import HTMLResponse

from bot.channels.html.markup import join_assets, make_environment
from bot.running.auth.access import PAGES, permitted_pages
from bot.running.auth.person import MAX_NAME_CHARS, SignedInPerson
from bot.running.office.accent import accent_css
from bot.running.office.office import Office

_HERE = Path(__file__).parent
_TEMPLATES = make_environment(_HERE / "templates")


@dataclass(frozen=True, slots=True)
class SignInForm:
    """The state of the sign-in form: previous input, a `message` about it, and the `person` who has signed in.

    `onward` is the path to continue at.
    """

    onward: str = ""
    token: str = ""
    name: str = ""
    message: str = ""
    person: SignedInPerson | None = None


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
    """Return the sign-in page, which loads nothing else; `root` is the root path of the server.

    It offers the start token, a password, and the identity `provider` at this origin.
    """
    nonce = token_urlsafe(16)
    html = _TEMPLATES.get_template("sign_in.html").render(
        service=office.name,
        root=root,
        nonce=nonce,
        style="\n".join([join_assets(_HERE / "static", "base.css", "sign_in.css"), accent_css(office.accent)]),
        form=form,
        with_token=with_token,
        with_password=with_password,
        provider=provider,
        max_name_chars=MAX_NAME_CHARS,
        pages=permitted_pages(form.person) if form.person else {},
    )
    headers = {
        "content-security-policy": (
            f"default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self' data:; "
            f"form-action 'self' {provider}; base-uri 'none'; frame-ancestors 'none'"
        ),
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    return HTMLResponse(html, status, headers)
