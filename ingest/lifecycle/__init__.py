"""Documents after the build: added, withdrawn, expired, synchronised with the web."""
