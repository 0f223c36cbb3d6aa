"""Runs of the regression cases: asking, recording, comparison and the gate."""
