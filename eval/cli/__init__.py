"""The subcommands of `python -m eval`, one per module."""
