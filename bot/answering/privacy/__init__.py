"""Personal data in texts: recognised, and masked before a text is stored, logged or sent to a model."""
