"""What a convnet of ImageNet sees in photographs: AlexNet, with the weights that torchvision publishes.

Mirza and Osindero 2014, section 4.2, describes images by the 4096 units of the last fully connected layer of a
network like that of Krizhevsky et al. 2012, trained on the thousand classes of ImageNet and then left as it is.
"""

from pathlib import Path

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torchvision.models import AlexNet_Weights, alexnet

from course_lib.data.files import DataError
from course_lib.metrics.passes import in_batches

WEIGHTS = AlexNet_Weights.IMAGENET1K_V1
SIZE = 224  # height and width in pixels of the pictures it was trained on


def imagenet_features(x: UInt8[Tensor, "n 3 224 224"], batch_size: int = 100) -> Float[Tensor, "n 4096"]:
    """The last fully connected layer before the classes, after its ReLU; not negative.

    x: photographs, 0 to 255. batch_size: how many are looked at at a time, on a GPU if there is one.
    Raises DataError where the weights are not on this computer; they are never fetched without being asked for.
    """
    file = Path(torch.hub.get_dir()) / "checkpoints" / Path(WEIGHTS.url).name
    if not file.exists():
        raise DataError(
            f"The weights of torchvision's AlexNet are not here ({file}). Fetch them once, 233 MB:\n"
            "  python -c \"from torchvision.models import alexnet; alexnet(weights='IMAGENET1K_V1')\""
        )
    network = alexnet(weights=WEIGHTS)
    network.classifier = network.classifier[:-1]
    network.to("cuda" if torch.cuda.is_available() else "cpu")
    prepared = WEIGHTS.transforms(resize_size=SIZE)
    return in_batches(network, lambda part: network(prepared(part)), x, batch_size)
