"""Attacks and harm: input that is no question to the documents but an order to the system. Such a turn ends here."""

from bot.answer import Status
from bot.guard.disguise import readings
from bot.guard.rules import broken_rule, refusal
from bot.turn import Draft, Turn


def screen(turn: Turn) -> Turn:
    """End the turn where its text, however spelt, breaks a rule of `classes.toml`; the refusal says what to do."""
    rule = next(filter(None, map(broken_rule, readings(turn.text))), None)
    return turn.finish(Draft(refusal(rule.kind), status=Status.BLOCKED)) if rule else turn
