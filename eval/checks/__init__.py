"""Checks of the cases themselves, before anything is asked; one module per check."""
