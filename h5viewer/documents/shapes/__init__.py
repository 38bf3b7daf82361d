"""Output shapes, multiply-adds and activations of layers, worked out without Keras.

Each module holds the rules of one family of layers: what a layer puts out, and how many
multiply-adds that takes, from its configuration and the shapes it is fed. `rules.py` is the
table class name → rule, `network.py` walks over a whole declaration, `expected.py` says
which weights a layer must have.

What is counted. A multiply-add is one multiplication with the addition that follows it,
for one sample. Counted are products with weights (dense, convolution, recurrent, attention
and einsum layers) and products of two tensors (attention, Dot, matmul, einsum). Not
counted: biases, activations, pooling, normalisation, arithmetic element by element,
look-ups. A layer called n times counts n times. Activations are the numbers that all calls
of a layer put out for one sample, at four bytes each (float32).
"""
