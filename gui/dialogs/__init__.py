"""Windows that ask; none of them changes data."""
