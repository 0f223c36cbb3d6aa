"""Guardrails: personal data is masked, attacks and harmful requests are blocked."""
