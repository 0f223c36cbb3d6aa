"""Tests of answers about whole documents."""
