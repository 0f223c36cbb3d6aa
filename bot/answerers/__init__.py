"""Answering: each module has one way, a public callable `(Turn) -> Draft | None`; the first with an answer gives it."""
