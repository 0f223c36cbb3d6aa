"""What every run shares, whatever it measures: its folder on disk, its config, its progress."""
