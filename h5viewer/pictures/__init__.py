"""Pictures: from the bytes of their files to pixels. It and `network` import PIL."""
