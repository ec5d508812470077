"""Pictures in and out: decoding, colour, orientation, previews. The only place that knows file formats."""
