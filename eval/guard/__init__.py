"""Attacks stopped and held, harmless texts let through."""
