"""Backup and restore of a data folder as one checked file."""

from bot.storage.backup.backup_archive import BackupReport, write_backup
from bot.storage.backup.restore import RestoreReport, restore_backup

__all__ = ["BackupReport", "RestoreReport", "restore_backup", "write_backup"]
