"""h5viewer: open the model files people actually have."""

__version__ = "0.1.0"
