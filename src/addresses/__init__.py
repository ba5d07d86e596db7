"""Addresses of the stores, read by the drivers' own parsers. Loads no metrics: the settings are read before them."""
