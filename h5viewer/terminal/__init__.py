"""What `h5v` prints: trees, tables, progress. Knows click's and rich's ways, no Qt."""
