"""Networks loaded by Keras: the only room that imports it. Generators, as in `operations`.

Nothing here runs but in a worker of its own, started when the user wants an answer.
"""
