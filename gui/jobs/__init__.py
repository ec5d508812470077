"""Lanes of worker threads, their one bridge to the GUI thread, and the job strip."""
