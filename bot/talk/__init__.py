"""A conversation: the follow-up made whole, small talk, courtesy.

The room is a little longer than its budget of 600 lines, by what asks back where nothing is named.
"""

from bot.talk.followup import FollowUp
from bot.talk.smalltalk import smalltalk

__all__ = ["FollowUp", "smalltalk"]
