"""The network as a drawn graph, beside the table of layers."""
