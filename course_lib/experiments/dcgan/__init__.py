"""Experiments after Radford et al. 2016, on DCGAN."""
