"""Finds the designer image in the photo: placement, mask, confidence."""
