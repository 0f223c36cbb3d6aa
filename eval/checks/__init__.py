"""Checks of case files before they are run."""
