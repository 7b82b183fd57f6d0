"""A second implementation of SIMPP, written from docs/protocol.md to check the known answers beside it."""
