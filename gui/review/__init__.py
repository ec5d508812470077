"""The queue and what a decision does."""
