"""Operator console (Flask) and the metrics exporter."""
