"""Evaluation metrics by subject, under the names used in the field; `run_metrics` lists those of a run."""
