"""Which libraries read files, for the About box and reports: the window does not import them."""

from __future__ import annotations

import h5py

LIBRARIES = (("h5py", str(h5py.__version__)), ("HDF5", str(h5py.version.hdf5_version)))
"""Name and version."""
