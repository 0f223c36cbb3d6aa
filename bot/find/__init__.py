"""Finding the evidence: the pieces of passages that can answer, and whether they are enough."""
