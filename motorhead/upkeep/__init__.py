"""What happens without a request: sweeps, retention, erasure."""
