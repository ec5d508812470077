"""Pure functions on arrays: no files, no devices chosen, no state."""
