"""Experiments after Salimans et al. 2016, "Improved Techniques for Training GANs", and the SGAN of the lecture."""
