"""Verification: whether the claims of a text are supported by the passages it cites."""

from bot.verification.foreign_language import is_foreign
from bot.verification.literals import LiteralMention, content_terms, literals, names, organisation_names
from bot.verification.source_text import SourceText
from bot.verification.statement_check import (
    CITED,
    CheckedStatement,
    Problem,
    check_draft,
    check_statements,
    check_text,
    has_no_source,
    is_unrelated,
    states_absence,
    to_source_texts,
)
from bot.verification.statements import CitedStatement, SupportingQuote, normalise_marks, split_statements

__all__ = [
    "CITED",
    "CheckedStatement",
    "CitedStatement",
    "LiteralMention",
    "Problem",
    "SourceText",
    "SupportingQuote",
    "check_draft",
    "check_statements",
    "check_text",
    "content_terms",
    "has_no_source",
    "is_foreign",
    "is_unrelated",
    "literals",
    "names",
    "normalise_marks",
    "organisation_names",
    "split_statements",
    "states_absence",
    "to_source_texts",
]
