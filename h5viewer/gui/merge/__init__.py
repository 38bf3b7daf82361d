"""File ▸ Merge: several files are chosen, and what can be made of them."""
