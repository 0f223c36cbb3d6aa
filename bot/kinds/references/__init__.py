"""References: articles, tables and notes that passages name, and what amends or changes them."""

from bot.kinds.kind import ContentKind
from bot.kinds.references.answer import ReferenceStep
from bot.kinds.references.compile import REFERENCES as NAME
from bot.kinds.references.compile import compile_references

REFERENCES = ContentKind(NAME, compile_references, qualifier=ReferenceStep)
