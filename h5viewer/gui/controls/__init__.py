"""Widgets that several panels use: notices, labels, tables, buttons, texts."""
