"""Evaluation: regression cases, public test sets, training of the project's models, and the workbench."""
