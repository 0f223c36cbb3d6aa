"""What all runs share: folder on disk, configuration and progress."""
