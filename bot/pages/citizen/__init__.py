"""The citizens' chat."""
