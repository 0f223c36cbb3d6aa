"""Commands of `python -m bot`."""
