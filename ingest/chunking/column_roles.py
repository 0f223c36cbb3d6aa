"""Roles of table columns (target, result, …), recognised in column heads and in questions."""

import re
from enum import StrEnum


class Role(StrEnum):
    """What the figures of a column are to what is measured.

    Where it began (基準値) and stands (現状値), what is wanted on the way (中間目標) and in the end, what came of it.
    """

    BASE = "base"
    CURRENT = "current"
    INTERIM = "interim"
    TARGET = "target"
    RESULT = "result"


ROLE_WORDING = {
    Role.INTERIM: re.compile(r"中間|途中の"),
    Role.TARGET: re.compile(r"目標|目安|目指|めざ|計画値|\(最終\)|つもり|ねら[いう]"),
    Role.RESULT: re.compile(r"実績|達成状況|達成値|結果|実際|決算"),
    Role.CURRENT: re.compile(r"現状|現況|現在|いま(?=[のはで、何\s]|$)|今(?![年月回後度まの])"),
    Role.BASE: re.compile(r"基準(?:値|年|\))|策定時|策定前|当初"),
}


def roles_of(text: str) -> frozenset[Role]:
    """Return the roles that a normalised text names: a question, or the head of a column; 中間目標 is no final one."""
    found = {role for role, wording in ROLE_WORDING.items() if wording.search(text)}
    only_interim = Role.INTERIM in found and text.count("目標") < len(("中間", "最終"))
    return frozenset(found - {Role.TARGET} if only_interim else found)
