"""Runs of training in the window: one entry, one page with its views."""
