"""What everything else speaks of: events, errors, messages, and the names of sessions."""
