"""Retrieval: candidates by keywords and vectors, features, ranking and reranking."""
