"""Facts and attributes of a node, and texts inside archives."""
