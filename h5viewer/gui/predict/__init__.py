"""Predict: what a network answers to a picture."""
