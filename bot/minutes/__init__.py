"""Questions about meetings: who is asked about, what is wanted, and which words are on the topic."""

from bot.minutes.mentions import Mention, find_mentions
from bot.minutes.question import MinutesQuestion, Wanted, parse_minutes_question
from bot.minutes.topic import SpeechPart, Topic, build_topic, select_parts

__all__ = [
    "Mention",
    "MinutesQuestion",
    "SpeechPart",
    "Topic",
    "Wanted",
    "build_topic",
    "find_mentions",
    "parse_minutes_question",
    "select_parts",
]
