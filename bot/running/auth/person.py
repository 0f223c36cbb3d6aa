"""The signed-in person, roles, and the scopes of API keys."""

import unicodedata
from dataclasses import dataclass
from typing import Any, Literal, get_args

from bot.errors import AccountError, NotPermittedError

# Citizens ask; staff answer the telephone; testers score; editors manage documents and curated answers; administrators
# manage accounts and keys. Each role includes the permissions of those before it.
Role = Literal["citizen", "staff", "tester", "editor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
ROLE_NAMES: dict[Role, str] = dict(zip(ROLES, ("市民", "職員", "試験者", "編集者", "管理者"), strict=True))
KeyScope = Literal["ask", "search", "export", "admin"]
SCOPES: tuple[KeyScope, ...] = get_args(KeyScope)
"""What an API key may be used for."""
MAX_NAME_CHARS = 40


@dataclass(frozen=True, slots=True)
class SignedInPerson:
    """A person who has signed in, or a program with an API key.

    `name` identifies the person in the records. `display_name` is what an identity provider calls them now, else "".
    """

    name: str
    role: Role
    display_name: str = ""

    @property
    def shown_name(self) -> str:
        return self.display_name or self.name

    def may(self, role: Role) -> bool:
        return ROLES.index(self.role) >= ROLES.index(role)

    @property
    def may_publish(self) -> bool:
        return self.may("editor")

    def require_publisher(self) -> "SignedInPerson":
        """Return the person. Raises NotPermittedError if they may not publish."""
        if not self.may_publish:
            raise NotPermittedError(
                "文書と職員の回答を変えられるのは編集者だけです。編集者の名前でサインインしてください。"
            )
        return self


def current_person(request: Any) -> SignedInPerson:
    """Return the person who sent a request to a page for signed-in people.

    `request` is a `gr.Request` of a Gradio event or a request of FastAPI. Raises KeyError on public pages.
    """
    person: SignedInPerson = (getattr(request, "request", None) or request).scope["person"]
    return person


def read_name(text: str) -> str:
    """Return a name in normal form. Raises AccountError if it is empty, too long or not printable."""
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    if not name or len(name) > MAX_NAME_CHARS or not name.isprintable():
        raise AccountError(f"名前は1〜{MAX_NAME_CHARS}文字で書いてください。")
    return name
