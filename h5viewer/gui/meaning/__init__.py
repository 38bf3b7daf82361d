"""The Weight panel: one weight as what it is to the network."""
