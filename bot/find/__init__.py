"""Finding the evidence: passages, the pieces of them that can answer, and whether they are enough."""
