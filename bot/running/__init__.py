"""What keeps the service running: server, settings, storage, sign-in, commands."""
