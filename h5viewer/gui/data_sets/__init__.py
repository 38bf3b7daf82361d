"""File ▸ New data set: a folder of pictures, how they are stored, what comes of it."""
