"""What can keep the site from starting.

SupervisorError
├── FolderError
│   ├── FolderUnusable   the data folder cannot be made or written
│   └── FolderInUse      another supervisor, or its Valkey, still holds it
├── PortTaken            somebody else listens there
├── AddressSilent        a configured address takes no connection
├── BadSettings          a setting has a value that means nothing
└── ChildFailed          a process of ours ended, or stayed silent, before it was ready

Each carries one sentence for the person at the terminal: what is wrong, and what to do.
"""

from __future__ import annotations


class SupervisorError(Exception):
    """The site cannot start or go on; ``str()`` of it is a sentence for the operator."""


class FolderError(SupervisorError):
    """The data folder cannot serve."""


class FolderUnusable(FolderError):
    """The data folder cannot be made, read or written."""


class FolderInUse(FolderError):
    """Another supervisor, or a Valkey that it left, holds the data folder."""


class PortTaken(SupervisorError):
    """Another process listens on a port that was asked for."""


class AddressSilent(SupervisorError):
    """A configured address takes no connection."""


class BadSettings(SupervisorError):
    """A setting has a value that means nothing."""


class ChildFailed(SupervisorError):
    """A child ended, or did not answer in time, before it was ready for the first time."""
