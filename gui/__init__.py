"""The desk: windows, canvas, keys. Starts work, never does it."""
