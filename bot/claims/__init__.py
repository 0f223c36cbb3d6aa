"""Claims: figures, dates, names, contacts and quotes of a text, and whether the passages that it cites hold them.

The room is longer than its budget of 1,200 lines: notations of figures, dates, contacts and marks take some 390, and
each way in which a figure may follow (lengths of time, counts, sums, shares, bounds) lets right replies through that
are stopped without it, or stops wrong ones (eval/LOG.md, 2026-11-21 and -23).
"""

from bot.claims.alignment import things
from bot.claims.check import Checked, Problem, check, check_text, tells_absence
from bot.claims.contacts import contacts, names
from bot.claims.draft import CITED, check_draft, premises_of
from bot.claims.figures import ANY_THING, figures, normal
from bot.claims.foreign import is_foreign
from bot.claims.premise import Premise, squash
from bot.claims.statements import MARK, Quoted, Statement, plain_marks, statements, unmarked
from bot.claims.times import times
from bot.claims.wording import bodies

__all__ = [
    "ANY_THING",
    "CITED",
    "MARK",
    "Checked",
    "Premise",
    "Problem",
    "Quoted",
    "Statement",
    "bodies",
    "check",
    "check_draft",
    "check_text",
    "contacts",
    "figures",
    "is_foreign",
    "names",
    "normal",
    "plain_marks",
    "premises_of",
    "squash",
    "statements",
    "tells_absence",
    "things",
    "times",
    "unmarked",
]
