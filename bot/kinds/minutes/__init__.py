"""Minutes: who said what on a topic, and what the office replied."""

from bot.kinds.kind import ContentKind
from bot.kinds.minutes.answer import MinutesAnswerer
from bot.kinds.minutes.compile import MINUTES as NAME
from bot.kinds.minutes.compile import compile_minutes, read_meetings

MINUTES = ContentKind(
    NAME, compile_minutes, answerer=lambda index: MinutesAnswerer(read_meetings(index), index.documents)
)
