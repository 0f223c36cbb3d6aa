"""Conversation: follow-up rewriting, small talk and courtesy."""

from bot.talk.followup import FollowUpRewriter, has_no_subject, is_vague
from bot.talk.smalltalk import smalltalk, strip_courtesy
from bot.talk.words import subject_terms

__all__ = ["FollowUpRewriter", "has_no_subject", "is_vague", "smalltalk", "strip_courtesy", "subject_terms"]
