"""Projects on disk: values in, values out."""
