"""Settings, the data folder and the audit log."""
