"""Measurements of the real service; see README.md. Never part of the test-suite."""
