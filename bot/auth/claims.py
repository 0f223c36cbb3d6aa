"""Reads a person's name and groups from the claims of an identity provider."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from bot.auth.person import MAX_NAME_CHARS, ROLES, Role, read_name
from bot.errors import AccountError

# Tried after the claim of the settings (OpenID Connect Core, section 5.1).
_NAME_CLAIMS = ("name", "preferred_username", "nickname", "email")


def read_claimed_name(claims: Mapping[str, Any], claim: str) -> str:
    """Return the name in `claim`, else in another claim for names, cut to the length of a name; "" if there is none."""
    for candidate in (claim, *_NAME_CLAIMS):
        value = claims.get(candidate)
        if isinstance(value, str):
            try:
                normal = unicodedata.normalize("NFKC", value)
                return read_name("".join(filter(_is_name_character, normal))[:MAX_NAME_CHARS])
            except AccountError:  # nothing is left, try the next claim
                continue
    return ""


def has_roles(claims: Mapping[str, Any], claim: str) -> bool:
    """Whether the claims say anything about groups, even that there are none."""
    return bool(list(_find_values(claims, claim)))


def highest_role(claims: Mapping[str, Any], claim: str, roles: Mapping[str, Role]) -> Role | None:
    """Return the highest role of the person's groups, or None.

    `claim` is the name of a claim, or a path with dots into nested objects and lists (`realm_access.roles`). Its value
    is one group or a list of groups.
    """
    groups: set[str] = set()
    for value in _find_values(claims, claim):
        groups |= {str(group) for group in (value if isinstance(value, list) else [value])}
    granted = {role for group, role in roles.items() if group in groups}
    return max(granted, key=ROLES.index, default=None)


def parse_roles(text: str) -> dict[str, Role]:
    """Return the role of each group from space-separated `group=role`. Raises ValueError for an unknown role."""
    pairs = (pair.rpartition("=") for pair in text.split())
    return {group: ROLES[ROLES.index(role)] for group, _, role in pairs}


def _is_name_character(character: str) -> bool:
    return character.isprintable() or character.isspace()


def _find_values(claims: Any, path: str) -> Iterator[Any]:
    if isinstance(claims, list):
        for item in claims:
            yield from _find_values(item, path)
    elif isinstance(claims, dict):
        head, _, subpath = path.partition(".")
        if path in claims:
            yield claims[path]
        elif subpath and head in claims:
            yield from _find_values(claims[head], subpath)
