"""The chat within a page of the city's own site: one script there, one frame, and messages between them."""
