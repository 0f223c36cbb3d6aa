"""Benchmarks, and the trainers of the models that ship; a checkout has it, an installed package does not."""
