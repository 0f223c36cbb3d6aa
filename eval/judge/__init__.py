"""A language model that scores the answers of a saved run, and how far it agrees with people."""
