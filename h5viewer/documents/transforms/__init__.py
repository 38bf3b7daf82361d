"""From one network to another: cut, frozen, renamed; of configurations and of `NewNetwork`.

Nothing is changed in place. Configurations may be of any dialect where that is said.
"""
