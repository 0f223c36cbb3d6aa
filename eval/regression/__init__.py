"""The project's own cases: asked, scored, recorded, held against the gate."""
