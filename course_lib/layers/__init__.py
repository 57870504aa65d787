"""Layers that PyTorch does not have, or not in the papers' form."""

from course_lib.layers.batch_norm import (
    batch_norm_bias_only_1d,
    batch_norm_bias_only_2d,
    batch_norm_plain_1d,
    batch_norm_plain_2d,
)
from course_lib.layers.maxout import Maxout
from course_lib.layers.minibatch_discrimination import MinibatchDiscrimination
from course_lib.layers.noise import DropoutNoise, GaussianNoise
from course_lib.layers.strided import StridedConv2d, StridedConvTranspose2d
from course_lib.layers.virtual_batch_norm import VirtualBatchNorm, WithReference
from course_lib.layers.weight_norm import WeightNorm, initialise_from_data, weight_norm

__all__ = [
    "DropoutNoise",
    "GaussianNoise",
    "Maxout",
    "MinibatchDiscrimination",
    "StridedConv2d",
    "StridedConvTranspose2d",
    "VirtualBatchNorm",
    "WeightNorm",
    "WithReference",
    "batch_norm_bias_only_1d",
    "batch_norm_bias_only_2d",
    "batch_norm_plain_1d",
    "batch_norm_plain_2d",
    "initialise_from_data",
    "weight_norm",
]
