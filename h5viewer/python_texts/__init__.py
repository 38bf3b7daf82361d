"""Python that people copy: readers of data sets of pictures, augmentation."""
