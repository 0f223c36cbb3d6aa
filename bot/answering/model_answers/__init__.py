"""Generated answers: prompt context, reply parsing, sentence checks and revision."""
