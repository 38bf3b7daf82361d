"""Data sets of pictures: their gallery, and what else can be seen and done of one."""
