"""Everything that can keep the site from starting.

SupervisorError
├── FolderError
│   ├── FolderUnusable   the data folder cannot be created or written
│   └── FolderInUse      another supervisor, or its Valkey, still holds it
├── PortTaken            another program listens on a port
├── HostUnusable         a host to listen on is no address of this machine
├── AddressSilent        a configured address accepts no connection
├── BadSettings          a setting has an invalid value
└── ChildFailed          a child process ended, or did not answer, before it was ready

Each message is a sentence for the operator: what is wrong, and what to do.
"""

from __future__ import annotations


class SupervisorError(Exception):
    """The site cannot start or continue; ``str()`` gives a sentence for the operator."""


class FolderError(SupervisorError):
    """The data folder cannot be used."""


class FolderUnusable(FolderError):
    """The data folder cannot be created, read or written."""


class FolderInUse(FolderError):
    """Another supervisor, or a Valkey that it left behind, holds the data folder."""


class PortTaken(SupervisorError):
    """Another process listens on a requested port."""


class HostUnusable(SupervisorError):
    """A host to listen on is not an address of this machine."""


class AddressSilent(SupervisorError):
    """A configured address accepts no connection."""


class BadSettings(SupervisorError):
    """A setting has an invalid value."""


class ChildFailed(SupervisorError):
    """A child process ended, or did not answer in time, before it was first ready."""
