"""Whether the weights of a network look healthy: what is measured, judged and told.

One function a kind of finding; every number that decides stands in `thresholds`. Nothing
here reads a file: `operations.health` brings the values, in bounded pieces.
"""
