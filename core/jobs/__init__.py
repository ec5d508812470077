"""Work as data: what (specs), how (work), and what a job may say while it runs (context)."""
