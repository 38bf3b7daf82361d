"""What a document means: its architecture, weights and training state."""
