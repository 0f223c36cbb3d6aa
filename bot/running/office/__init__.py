"""The office as readers see it: name, colour, opening hours and departments."""

from bot.running.office.departments import Department, choose_department, describe_change
from bot.running.office.office import NOBODY, Office, PersonalHelp, read_office

__all__ = [
    "NOBODY",
    "Department",
    "Office",
    "PersonalHelp",
    "choose_department",
    "describe_change",
    "read_office",
]
