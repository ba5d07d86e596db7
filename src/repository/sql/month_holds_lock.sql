-- No hold is placed until this transaction ends, and none is being placed.
LOCK TABLE legal_holds IN SHARE MODE
