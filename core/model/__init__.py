"""Predicts portraits in photos: trunks, read-outs, training, thresholds."""
