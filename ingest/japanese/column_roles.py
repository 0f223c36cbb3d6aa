"""What the figures of a column are in plans: targets, results and their bases, by the words that name them."""

import re
from enum import StrEnum

from ingest.japanese.lexicon import any_of, load_lexicon


class Role(StrEnum):
    """What the figures of a column are: 基準値, 現状値, 中間目標, 目標値 or 実績値."""

    BASE = "base"
    CURRENT = "current"
    INTERIM = "interim"
    TARGET = "target"
    RESULT = "result"


# The most specific first: 中間目標 also contains the word for a target.
ROLE_ORDER = (Role.INTERIM, Role.TARGET, Role.RESULT, Role.CURRENT, Role.BASE)
ROLE_WORDING = {role: re.compile(any_of(load_lexicon("column_roles")[role])) for role in ROLE_ORDER}


def roles_of(text: str) -> frozenset[Role]:
    """Return the roles named in a normalised column head or question; 中間目標 is not also TARGET."""
    roles = {role for role, wording in ROLE_WORDING.items() if wording.search(text)}
    only_interim = Role.INTERIM in roles and text.count("目標") < len(("中間", "最終"))
    return frozenset(roles - {Role.TARGET} if only_interim else roles)
