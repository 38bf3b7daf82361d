"""Health: what is wrong with the weights of a network."""
