"""What all measurements share: run folders, provenance, temporary data and progress bars."""
