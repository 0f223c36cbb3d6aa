"""The testers' workbench: runs, cases, judgement by hand, comparison, and the loop from a question to a case."""
