"""Renders whom somebody in danger should call, as text and for the API."""

from bot.answering.languages import pick_text, render_message
from bot.answering.state import HelpLines, UrgentHelp, UrgentNumber, service_message


def urgent_help(part: HelpLines, language: str) -> UrgentHelp:
    """Return whom to call, in a language."""
    numbers = tuple(
        UrgentNumber(
            label=pick_text(one.name, language),
            number=one.number,
            tel=f"tel:{one.number.replace('-', '').replace('#', '%23')}",
            hours=pick_text(one.hours, language),
            free=one.free,
        )
        for one in part.numbers
    )
    name, note = pick_text(part.name, language), pick_text(part.note, language)
    return UrgentHelp(situation=part.situation, name=name, numbers=numbers, note=note)


def call_terms(number: UrgentNumber, language: str) -> str:
    """Return when a number can be called, and whether the call is free."""
    key = "" if number.free is None else "free_call" if number.free else "paid_call"
    cost = render_message(service_message(key), language) if key else ""
    return " · ".join(filter(None, (number.hours, cost)))


def render_help_lines(part: HelpLines, language: str) -> str:
    """Return the situation, a line for each number, and what to do until help comes; if brief, the numbers in one."""
    shown = urgent_help(part, language)
    first = render_message(service_message("help_first", situation=shown.name), language)
    if part.is_brief:
        return " ".join((first, *(f"{one.number} {one.label}" for one in shown.numbers)))
    messages = [
        service_message("help_number", number=one.number, name=one.label, when=call_terms(one, language))
        for one in shown.numbers
    ]
    lines = [render_message(message, language) for message in messages]
    return "\n".join(filter(None, (first, *lines, shown.note)))
