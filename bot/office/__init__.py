"""The office behind the service as readers meet it: its name, its colour, and when a person helps."""

from bot.office.office import Office, PersonalHelp, read_office

__all__ = ["Office", "PersonalHelp", "read_office"]
