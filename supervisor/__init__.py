"""The process behind ``manage.py serve``: it starts, watches and restarts all the others.

It stays small because it imports no Django app and runs no event loop. ``plan`` decides which children to run,
``processes`` starts them, ``probes`` checks whether they answer, and ``site`` waits for signals.
"""
