"""Claims: figures, dates, names, contacts and quotes of a text, and whether the passages that it cites hold them.

The room is longer than its budget of 1,200 lines: notations of figures, dates, contacts and marks take 420 of them, and
each way in which a figure may follow lets right replies through that are stopped without it (decision 031).
"""

from bot.claims.alignment import Claim, claims, things
from bot.claims.check import Checked, Problem, check, check_text, tells_absence
from bot.claims.contacts import contacts, names
from bot.claims.draft import CITED, check_draft, premises_of
from bot.claims.figures import ANY_THING, Figure, days_without_year, figures
from bot.claims.foreign import is_foreign
from bot.claims.premise import Premise, premise, squash
from bot.claims.statements import MARK, Quoted, Statement, plain_marks, statements, unmarked
from bot.claims.times import Time, times
from bot.claims.wording import bodies

__all__ = [
    "ANY_THING",
    "CITED",
    "MARK",
    "Checked",
    "Claim",
    "Figure",
    "Premise",
    "Problem",
    "Quoted",
    "Statement",
    "Time",
    "bodies",
    "check",
    "check_draft",
    "check_text",
    "claims",
    "contacts",
    "days_without_year",
    "figures",
    "is_foreign",
    "names",
    "plain_marks",
    "premise",
    "premises_of",
    "squash",
    "statements",
    "tells_absence",
    "things",
    "times",
    "unmarked",
]
