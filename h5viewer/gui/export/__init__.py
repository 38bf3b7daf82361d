"""File ▸ Export: choosing what is written and where, and the strip of jobs under way."""
