"""Follow-ups: conversations, training of the follow-up model, and its measurement."""
