"""The office behind the service as readers meet it: its name, its colour, and when a person helps."""

from bot.office.departments import Department, Departments, choose
from bot.office.office import Office, PersonalHelp, read_office

__all__ = ["Department", "Departments", "Office", "PersonalHelp", "choose", "read_office"]
