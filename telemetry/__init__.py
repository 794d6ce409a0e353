"""What a process reports about itself: metrics, log lines and traces, in the same forms for all parts of the site."""
