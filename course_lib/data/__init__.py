"""Data: toy distributions, image sets, folders of pictures, and seeded batches of any of them."""

from course_lib.data.batches import Batches, SampledBatches
from course_lib.data.files import DataError, download
from course_lib.data.folder import folder_images
from course_lib.data.images import Images, data_folder, embedded_digits, load
from course_lib.data.layouts import celeba_images, imagenet_images, lsun_images
from course_lib.data.opening import open_data, resized
from course_lib.data.packed_emoji import Concept, Emoji, embedded_emoji
from course_lib.data.semi_supervised import SemiSupervisedBatches
from course_lib.data.shard import Shard
from course_lib.data.subsets import labelled_subset, labels_per_class
from course_lib.data.toy import Mixture, Modes, Uniform, gaussian, ring, square_grid

__all__ = [
    "Batches",
    "Concept",
    "DataError",
    "Emoji",
    "Images",
    "Mixture",
    "Modes",
    "SampledBatches",
    "SemiSupervisedBatches",
    "Shard",
    "Uniform",
    "celeba_images",
    "data_folder",
    "download",
    "embedded_digits",
    "embedded_emoji",
    "folder_images",
    "gaussian",
    "imagenet_images",
    "labelled_subset",
    "labels_per_class",
    "load",
    "lsun_images",
    "open_data",
    "resized",
    "ring",
    "square_grid",
]
