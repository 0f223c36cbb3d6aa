"""Answering: each module has one way, a public callable `(Turn) -> Draft | None`; the first with an answer gives it.

The room is longer than its budget of 900 lines: what a word means (`definition`) and what the plan in force says
(`in_force`) are ways of their own, 140 of them, that the house was not drawn with, and in minutes replies stand apart
from what they reply to (`replied`, 80).
"""
