"""The question pipeline and everything that serves it: from a question to a verified answer."""
