"""A conversation: the follow-up made whole, small talk, courtesy.

The room is longer than its budget of 600 lines by 100: things named by their place in a list (`choices`) have 80,
headings that stand beside what was asked of (`siblings`) 50.
"""

from bot.talk.followup import FollowUp, names_nothing, says_little
from bot.talk.smalltalk import smalltalk, without_courtesy
from bot.talk.words import subject

__all__ = ["FollowUp", "names_nothing", "says_little", "smalltalk", "subject", "without_courtesy"]
