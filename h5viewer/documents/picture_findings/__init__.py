"""What is wrong with data sets of pictures: numbers of every picture, and what they say."""
