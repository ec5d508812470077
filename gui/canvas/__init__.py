"""Pixels on glass: paint and input only."""
