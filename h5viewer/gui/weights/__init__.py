"""All weights of a document at once: a table, and where the bytes go."""
