"""What can keep the site from starting.

SupervisorError
├── FolderError
│   ├── FolderUnusableError   the data folder cannot be made or written
│   └── FolderInUseError      another supervisor, or its Valkey, still holds it
├── PortTakenError            somebody else listens there
├── AddressSilentError        a configured address takes no connection
├── BadSettingsError          a setting has a value that means nothing
└── ChildFailedError          a process of ours ended, or stayed silent, before it was ready

Each carries one sentence for the person at the terminal: what is wrong, and what to do.
"""

from __future__ import annotations


class SupervisorError(Exception):
    """The site cannot start or go on; ``str()`` of it is a sentence for the operator."""


class FolderError(SupervisorError):
    """The data folder cannot serve."""


class FolderUnusableError(FolderError):
    """The data folder cannot be made, read or written."""


class FolderInUseError(FolderError):
    """Another supervisor, or a Valkey that it left, holds the data folder."""


class PortTakenError(SupervisorError):
    """Another process listens on a port that was asked for."""


class AddressSilentError(SupervisorError):
    """A configured address takes no connection."""


class BadSettingsError(SupervisorError):
    """A setting has a value that means nothing."""


class ChildFailedError(SupervisorError):
    """A child ended, or did not answer in time, before it was ready for the first time."""
