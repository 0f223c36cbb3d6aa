"""The chat embedded in other sites: launcher script, frame, and messages between them."""
