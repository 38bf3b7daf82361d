"""Pictures in a file that stand each by itself, decoded: files as elements, datasets in a group."""
