"""Cut, freeze, rename: dialogs in which a network's layers are chosen and a new file is written."""
