"""Measurements on public and shared sets: retrieval, pages, reading, verification, guardrails, speed."""
