"""Opening hours: when something is open and closed, and whether it is on a day."""

from bot.kinds.hours.answer import HoursAnswerer, call_unsure
from bot.kinds.hours.compile import HOURS as NAME
from bot.kinds.hours.compile import compile_hours
from bot.kinds.kind import ContentKind

OPENING_HOURS = ContentKind(NAME, compile_hours, answerer=HoursAnswerer, qualifier=lambda _index: call_unsure)
