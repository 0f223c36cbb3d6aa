"""Evaluation metrics by subject, under the names used in the field; `registry` lists those of a run."""
