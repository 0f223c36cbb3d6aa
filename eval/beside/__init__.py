"""What is looked at beside an answer, kept in its row as JSON for the metrics that need more than the answer."""
