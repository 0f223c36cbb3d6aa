"""Shared parts of all HTTP interfaces: schemas, problems, limits and spreadsheets."""
