"""People in danger: recognises their messages, and has the telephone numbers that are shown first."""

from bot.answering.screening.recognition import EmergencyScreen, Screening
from bot.answering.screening.situations import OFFICE_FILE, read_situations

__all__ = ["OFFICE_FILE", "EmergencyScreen", "Screening", "read_situations"]
