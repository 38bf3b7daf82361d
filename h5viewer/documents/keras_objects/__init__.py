"""What Keras 3 makes of a configuration: objects that hold variables and other objects.

It names them, orders them for legacy files, and finds their places in archives, without Keras.
"""

from h5viewer.documents.keras_objects.held import Held, Part, Slot, Variable
from h5viewer.documents.keras_objects.networks import network, stored_layers

__all__ = ["Held", "Part", "Slot", "Variable", "network", "stored_layers"]
