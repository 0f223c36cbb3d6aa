"""The citizen's page: an answer first, and what it stands on."""
