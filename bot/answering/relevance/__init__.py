"""Relevance models: the probability that a passage or unit answers the question.

`relevance_model` scores all passages from counted features (`evidence`). `token_model` then scores the best of them
token by token, with contextual features of the default encoder (`token_context`).
"""
