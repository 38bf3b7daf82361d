"""Data sets made of folders of pictures: which are in it, as what, and the file they become."""
