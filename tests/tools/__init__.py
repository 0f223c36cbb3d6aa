"""Programs that the Makefile runs against a real service: damage, kills, load, fuzzing, bundles, pictures."""
