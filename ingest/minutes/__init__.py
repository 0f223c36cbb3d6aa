"""Minutes: speakers are read with the passages, and meetings with their decisions are compiled from them."""
