"""Tests of the wire format of AG-UI."""
