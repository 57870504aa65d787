"""Data: toy distributions, image sets, and seeded batches of either."""

from course_lib.data.batches import Batches, SampledBatches
from course_lib.data.files import DataError, download
from course_lib.data.images import Images, data_folder, embedded_digits, load
from course_lib.data.toy import Mixture, Modes, Uniform, gaussian, ring, square_grid

__all__ = [
    "Batches",
    "DataError",
    "Images",
    "Mixture",
    "Modes",
    "SampledBatches",
    "Uniform",
    "data_folder",
    "download",
    "embedded_digits",
    "gaussian",
    "load",
    "ring",
    "square_grid",
]
