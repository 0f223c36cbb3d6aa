"""The signed-in person and the permissions of each role."""

import unicodedata
from dataclasses import dataclass
from typing import Any, Literal, get_args

from bot.errors import AccountError, NotPermittedError

# Citizens ask; staff answer the telephone; testers score; editors keep documents and curated answers; administrators
# keep accounts and keys. Each may what those before may.
Role = Literal["citizen", "staff", "tester", "editor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
ROLE_NAMES: dict[Role, str] = dict(zip(ROLES, ("市民", "職員", "試験者", "編集者", "管理者"), strict=True))
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who has signed in, or the key of a program; the name tells scorers and reporters apart."""

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Whether this person may do what a role may."""
        return ROLES.index(self.role) >= ROLES.index(role)

    @property
    def may_publish(self) -> bool:
        """Whether documents and curated answers are theirs to publish, to withdraw and to close."""
        return self.may("editor")

    def require_publisher(self) -> "Person":
        """Return the person. Raises NotPermittedError where they may look at what citizens get, but not change it."""
        if not self.may_publish:
            raise NotPermittedError(
                "文書と職員の回答を変えられるのは編集者だけです。編集者の名前でサインインしてください。"
            )
        return self


def current_person(request: Any) -> Person:
    """Return who makes this request to a page for staff, or to a route of it.

    `request` is a `gr.Request` of a Gradio event or a request of FastAPI. Raises KeyError where the page is not for
    staff: strangers get as far as there.
    """
    person: Person = (getattr(request, "request", None) or request).scope["person"]
    return person


def read_name(written: str) -> str:
    """Return a name as it is kept. Raises AccountError for one that is empty, too long or cannot be printed."""
    name = " ".join(unicodedata.normalize("NFKC", written).split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise AccountError(f"名前は1〜{LONGEST_NAME}文字で書いてください。")
    return name
