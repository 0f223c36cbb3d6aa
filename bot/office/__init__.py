"""The office behind the service as readers meet it: its name, its colour, and when a person helps."""

from bot.office.departments import Department, Departments, choose, describe_change
from bot.office.office import NOBODY, Office, PersonalHelp, read_office

__all__ = ["NOBODY", "Department", "Departments", "Office", "PersonalHelp", "choose", "describe_change", "read_office"]
