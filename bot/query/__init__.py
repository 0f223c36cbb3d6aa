"""The question, read once: this is the only room that reads its text; all others read the `Query`."""
