"""Two open files side by side: layers, weights, and pictures of their difference."""
