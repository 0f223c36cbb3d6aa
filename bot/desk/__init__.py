"""The staff's desk: groups unanswered questions, publishes curated answers, measures the effect."""
