"""Other ways to ask the same, made from a question by rules of the language, one variety a module."""
