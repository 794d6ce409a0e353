"""The wire format of AG-UI, for websockets (``ag-ui.v1``) and server-sent events."""
