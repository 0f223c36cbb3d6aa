"""Roles of table columns (target, result, …), recognised in column heads and in questions."""

import re
from enum import StrEnum

from ingest.japanese.lexicon import any_of, load_lexicon


class Role(StrEnum):
    """What the figures of a column are to what is measured.

    Where it began (基準値) and stands (現状値), what is wanted on the way (中間目標) and in the end, what came of it.
    """

    BASE = "base"
    CURRENT = "current"
    INTERIM = "interim"
    TARGET = "target"
    RESULT = "result"


# From the most particular: a column of 中間目標 is one of interim targets.
ORDER = (Role.INTERIM, Role.TARGET, Role.RESULT, Role.CURRENT, Role.BASE)
ROLE_WORDING = {role: re.compile(any_of(load_lexicon("column_roles")[role])) for role in ORDER}


def roles_of(text: str) -> frozenset[Role]:
    """Return the roles that a normalised text names: a question, or the head of a column; 中間目標 is no final one."""
    found = {role for role, wording in ROLE_WORDING.items() if wording.search(text)}
    only_interim = Role.INTERIM in found and text.count("目標") < len(("中間", "最終"))
    return frozenset(found - {Role.TARGET} if only_interim else found)
