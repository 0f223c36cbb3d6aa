"""Scores answers against cases, and defines the rows and runs that store both."""
