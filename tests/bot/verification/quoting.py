"""A sentence of a structured reply, checked as `bot.verification.statement_check` checks it."""

from collections.abc import Sequence
from dataclasses import replace

from bot.verification.source_text import SourceText
from bot.verification.statement_check import CheckedStatement, check_statements
from bot.verification.statements import CitedStatement, SupportingQuote, split_statements


def check_quoted(
    text: str,
    quotes: Sequence[SupportingQuote],
    premises: Sequence[SourceText],
    formula: str = "",
    *,
    reply: Sequence[CitedStatement] = (),
    question: str = "",
) -> CheckedStatement:
    cited = tuple(dict.fromkeys(n for one in quotes for n in one.passages))
    (said,) = split_statements(text)
    said = replace(said, cited=cited, quotes=tuple(quotes), formula=formula)
    (checked,) = check_statements([*reply, said], premises, question, since=len(reply))
    return checked
