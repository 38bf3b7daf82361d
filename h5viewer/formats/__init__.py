"""Bytes to nodes: the only room that imports h5py, zipfile and checkpoint tables."""

import os

# A file names its filters; HDF5 would look for shared libraries to load for unknown ones.
# "::" forbids that, if it is set before h5py is imported (formats.md, section 4).
os.environ.setdefault("HDF5_PLUGIN_PRELOAD", "::")
