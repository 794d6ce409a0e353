"""What an open page shows of its session, kept true."""
