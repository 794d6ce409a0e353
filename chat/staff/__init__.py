"""The admin: pages that list, show and delete sessions."""
