"""Extra observations per answer, stored as JSON in its row for metrics that need them."""
