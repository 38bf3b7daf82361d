"""Which recipe a network was trained with, by what its file and its answers show."""
