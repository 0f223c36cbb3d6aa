"""Settings, the data folder, tenants and the audit log."""
