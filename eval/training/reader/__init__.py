"""Training and evaluation of the relevance models: questions, examples and PyTorch models."""
