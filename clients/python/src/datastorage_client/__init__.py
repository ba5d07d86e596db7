"""Client of the Data Storage API."""
