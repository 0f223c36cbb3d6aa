"""Evaluation metrics, one per module, under the names used in the field."""
