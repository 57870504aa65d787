"""Networks; width, depth and channels are arguments, never a new file for a size."""

from course_lib.models import autoencoder, cgan, classifier, conditional_dcgan, dcgan, gan, mlp, semi_supervised

__all__ = ["autoencoder", "cgan", "classifier", "conditional_dcgan", "dcgan", "gan", "mlp", "semi_supervised"]
