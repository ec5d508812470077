"""Pawtrait without a window: what the desk, the command line and a cluster have in common."""
