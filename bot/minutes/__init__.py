"""Questions about meetings: who is asked about, what of their words is on the topic."""

from bot.minutes.mentions import Mention, find_mentions
from bot.minutes.question import MinutesQuestion, Wanted, parse_minutes_question
from bot.minutes.topic import Topic, select_parts, select_words

__all__ = [
    "Mention",
    "MinutesQuestion",
    "Topic",
    "Wanted",
    "find_mentions",
    "parse_minutes_question",
    "select_parts",
    "select_words",
]
