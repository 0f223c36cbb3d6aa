"""Variants of a question, made by rules of the language; one variety per module."""
