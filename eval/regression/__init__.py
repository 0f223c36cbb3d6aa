"""Runs of the cases: asked, recorded, compared, held against the gate."""
