"""The one way of a record into the stores: admission, group commit, queue fallback, replay, and the targets' health."""
