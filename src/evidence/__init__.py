"""Evidence that nothing was changed: a transparency log over the audit events, its checkpoints, proofs and verifier."""
