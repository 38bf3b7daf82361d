"""Datasets as pictures and lines, with colours, levels and statistics."""
