"""Use cases of a session: append, deletion, fork, details, and listing and restoring versions of its summary."""
