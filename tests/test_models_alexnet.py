"""Features of photographs by torchvision's AlexNet, with weights that are on this computer or not at all."""

import pytest
import torch
from torchvision.models import AlexNet, alexnet
from torchvision.models.feature_extraction import create_feature_extractor

from course_lib.data import DataError
from course_lib.models.alexnet import SIZE, WEIGHTS, imagenet_features


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A folder for torchvision's weights, empty."""
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    return tmp_path / "checkpoints"


@pytest.fixture
def weights(hub):
    """Weights of the right shapes under the name that torchvision looks for."""
    network: AlexNet = alexnet().eval()
    torch.save(network.state_dict(), hub / WEIGHTS.url.rsplit("/")[-1])
    return network


def test_they_are_the_last_layer_before_the_classes(weights):
    x = torch.randint(0, 256, (3, 3, SIZE, SIZE), dtype=torch.uint8)
    found = imagenet_features(x, batch_size=2)
    assert found.shape == (3, 4096) and found.min() >= 0 and not found.requires_grad
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])  # of ImageNet
    normalised = (x / 255 - mean[:, None, None]) / std[:, None, None]
    oracle = create_feature_extractor(weights, ["classifier.5"])(normalised)["classifier.5"]
    torch.testing.assert_close(found, oracle.detach(), atol=1e-5, rtol=1e-4)
    assert found.std(0).max() > 0


def test_weights_that_are_not_here_are_not_fetched(hub):
    with pytest.raises(DataError, match="AlexNet are not here .*alexnet-owt.*Fetch them once") as error:
        imagenet_features(torch.zeros(1, 3, SIZE, SIZE, dtype=torch.uint8))
    assert str(hub) in str(error.value) and not list(hub.iterdir())
