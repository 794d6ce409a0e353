"""Code shared by all doors: visitors, credentials, headers, paging."""
