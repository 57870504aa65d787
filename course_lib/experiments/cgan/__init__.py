"""Experiments after Mirza and Osindero 2014, "Conditional Generative Adversarial Nets"."""
