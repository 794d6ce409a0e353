"""Who may do what: every page, admin page and frame with every credential, on a running site."""
