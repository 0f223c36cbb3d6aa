"""Answerers: each returns a draft or None; the first draft is the answer."""
