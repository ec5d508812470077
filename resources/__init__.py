"""Icons, themes and trained read-outs."""
