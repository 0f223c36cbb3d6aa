"""Rows that add up the others of their table."""

import re

from bot.find.evidence import Evidence
from bot.find.part import where
from bot.find.sought import Sought
from bot.understand.reckoning import Operation
from ingest.documents import Document
from ingest.normalise import nfkc

TOTAL = re.compile(r"^[【(]?(?:合計|総?計|総数|総額)")
"""How the name of such a row begins."""


@where(lambda sought: sought.reckoning is not None and sought.reckoning.operation is Operation.SUM)
def total_row(evidence: Evidence, _: Sought, __: Document) -> float:
    """Return what such a row gains where a sum is asked for."""
    return 0.1 if evidence.kind == "row" and TOTAL.match(nfkc(evidence.passage.cells[0].value)) else 0.0
