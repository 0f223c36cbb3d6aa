"""Verification: whether the claims of a text are supported by the passages it cites."""

from bot.verification.alignment import Claim, claims, content_terms
from bot.verification.check import CheckedStatement, Problem, check_statements, check_text, states_absence
from bot.verification.contacts import contacts, names
from bot.verification.draft import CITED, check_draft, to_source_texts
from bot.verification.figures import ANY_THING, Figure, days_without_year, figures
from bot.verification.foreign_language import is_foreign
from bot.verification.source_text import SourceText, squash, to_source_text
from bot.verification.statements import MARK, Quotation, Statement, escape_marks, normalise_marks, split_statements
from bot.verification.times import Time, times
from bot.verification.wording import organisation_names

__all__ = [
    "ANY_THING",
    "CITED",
    "MARK",
    "CheckedStatement",
    "Claim",
    "Figure",
    "Problem",
    "Quotation",
    "SourceText",
    "Statement",
    "Time",
    "check_draft",
    "check_statements",
    "check_text",
    "claims",
    "contacts",
    "content_terms",
    "days_without_year",
    "escape_marks",
    "figures",
    "is_foreign",
    "names",
    "normalise_marks",
    "organisation_names",
    "split_statements",
    "squash",
    "states_absence",
    "times",
    "to_source_text",
    "to_source_texts",
]
