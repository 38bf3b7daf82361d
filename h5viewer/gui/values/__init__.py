"""Datasets as tables of exact values."""
