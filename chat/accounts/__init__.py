"""Accounts of people who sign in on the page, over Django's users: signing up and in, invitations, being forgotten."""
