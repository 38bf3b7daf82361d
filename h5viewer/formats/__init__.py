"""Bytes to nodes: the only room that imports h5py, zipfile and checkpoint tables."""
