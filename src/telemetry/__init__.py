"""Metric definitions, logging, tracing and request ids: the ground floor, imported by every other."""
