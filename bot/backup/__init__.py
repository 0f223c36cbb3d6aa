"""A data folder in one file, and back: records, added documents and the index in service, checked on both ways."""

from bot.backup.archive import Saved, back_up
from bot.backup.restore import Restored, restore

__all__ = ["Restored", "Saved", "back_up", "restore"]
