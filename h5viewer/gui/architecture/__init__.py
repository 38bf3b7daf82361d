"""The network a file declares: the table of layers and one layer in detail."""
