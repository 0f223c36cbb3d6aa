"""Answers that staff wrote: the rows of FAQ files, each a document with a question and its answer."""

from bot.kinds.faq.compile import FAQ as NAME
from bot.kinds.faq.compile import compile_faq
from bot.kinds.kind import ContentKind

FAQ = ContentKind(NAME, compile_faq)
"""Its answerer, `FaqAnswerer`, comes before evidence and model, so the pipeline names it itself."""
