"""Experiments after Goodfellow et al. 2014, "Generative Adversarial Nets"."""
