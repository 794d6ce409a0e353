"""Codecs: events to the frames of one wire format, without any I/O."""
