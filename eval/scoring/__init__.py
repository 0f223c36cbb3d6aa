"""What an answer is worth to its case, and the rows of a run, which keep both."""
