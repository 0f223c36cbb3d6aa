"""Evidence from minutes: what a question wants to know of a meeting, and the speeches and decisions that answer."""
