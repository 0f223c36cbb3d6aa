"""The testers' workbench: runs, cases, manual scoring, comparison, and new cases from questions."""
