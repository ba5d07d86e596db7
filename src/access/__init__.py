"""Who may do what: tokens, API keys, grants, scopes and rate limits. Knows no HTTP framework."""
