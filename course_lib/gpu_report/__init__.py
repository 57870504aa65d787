"""Ten minutes on a GPU, well spent: is the library right there, how fast is it, and what do the experiments find?"""
