"""Changes of a file that wait to be written into a copy: made, listed, taken back, saved."""
