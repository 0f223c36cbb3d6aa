"""The subcommands of `python -m eval`, one a module."""
