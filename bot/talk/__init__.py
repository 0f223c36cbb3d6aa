"""A conversation: the follow-up made whole, small talk, courtesy."""

from bot.talk.followup import FollowUp
from bot.talk.smalltalk import smalltalk, without_courtesy

__all__ = ["FollowUp", "smalltalk", "without_courtesy"]
