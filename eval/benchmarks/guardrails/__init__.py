"""Measures the guard on attacks and harmless texts."""
