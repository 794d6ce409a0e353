"""Background work: sweeps, retention, erasure."""
