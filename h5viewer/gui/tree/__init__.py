"""The sidebar: open files as a tree, and the search through their names."""
