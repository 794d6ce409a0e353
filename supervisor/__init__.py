"""The one process that starts, watches and restarts all others: what ``manage.py serve`` runs.

It imports no Django app and runs no event loop, so it stays small: a plan of children (``plan``), the means
to start one and see whether it answers (``processes``, ``probes``), a loop that waits for signals (``site``).
"""
