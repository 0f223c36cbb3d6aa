"""Questions about meetings: who is asked about, what is wanted, and which words are on the topic."""

from bot.minutes.mentions import Mention, find_mentions
from bot.minutes.question import MinutesQuestion, Wanted, parse_minutes_question
from bot.minutes.topic import MeetingSpeech, ScoredMeeting, SpeechPart, Topic, build_topic, list_speeches, select_parts

__all__ = [
    "MeetingSpeech",
    "Mention",
    "MinutesQuestion",
    "ScoredMeeting",
    "SpeechPart",
    "Topic",
    "Wanted",
    "build_topic",
    "find_mentions",
    "list_speeches",
    "parse_minutes_question",
    "select_parts",
]
