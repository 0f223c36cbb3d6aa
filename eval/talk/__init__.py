"""Follow-ups: conversations that were written, the net that learns from them, and what comes of it."""
