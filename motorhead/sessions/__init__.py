"""Use cases of a session: append, deletion, and listing and restoring versions of its summary."""
