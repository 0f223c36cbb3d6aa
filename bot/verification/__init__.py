"""Verification: whether the claims of a text are supported by the passages it cites."""

from bot.verification.check import (
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
from bot.verification.foreign_language import is_foreign
from bot.verification.literals import Literal, content_terms, literals
from bot.verification.marked_text import (
    parse_statements,
    remove_marks,
    render_body,
    render_questions,
    render_sentence,
    render_source_line,
    render_text,
    separate_messages,
)
from bot.verification.names import names, organisation_names
from bot.verification.source_text import SourceText, squash
from bot.verification.statements import (
    MARK,
    Quotation,
    Statement,
    add_marks,
    escape_marks,
    normalise_marks,
    split_statements,
)

__all__ = [
    "CITED",
    "MARK",
    "CheckedStatement",
    "Literal",
    "Problem",
    "Quotation",
    "SourceText",
    "Statement",
    "add_marks",
    "check_draft",
    "check_statements",
    "check_text",
    "content_terms",
    "escape_marks",
    "has_no_source",
    "is_foreign",
    "is_unrelated",
    "literals",
    "names",
    "normalise_marks",
    "organisation_names",
    "parse_statements",
    "remove_marks",
    "render_body",
    "render_questions",
    "render_sentence",
    "render_source_line",
    "render_text",
    "separate_messages",
    "split_statements",
    "squash",
    "states_absence",
    "to_source_texts",
]
