"""A generator of known obedience and a judge of its pictures, for the check of lesson 06, task 3."""

import torch
from torch import Tensor, nn

from course_lib.checks.base import NotYet


class Obeys(nn.Module):
    """A generator of known obedience: of label k, k in four images show the next label instead of k itself."""

    classes = 4

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))  # so that a student may freeze it, and is to thaw it again
        self.asked, self.seen = torch.empty(0, dtype=torch.long), torch.empty(0, dtype=torch.long)

    def noise(self, n: int) -> Tensor:
        """z for n images, (n, 1)."""
        return torch.linspace(0, 1, n + 1)[:n, None]

    def forward(self, z, y) -> Tensor:  # no types here: whatever a student gives is answered in words
        """Images (n, 1, 2, 2) in [0, 1] for n rows of z and n labels y, else NotYet; notes what was asked for."""
        if not isinstance(y, Tensor) or y.is_floating_point():
            raise NotYet(
                f"The generator was given y as {y.dtype if isinstance(y, Tensor) else type(y).__name__}. It wants a tensor "
                "of whole numbers, one label for each row of z."
            )
        if not isinstance(z, Tensor) or z.ndim != 2 or y.shape != (len(z),):
            raise NotYet(
                f"The generator was given z of shape {tuple(getattr(z, 'shape', ()))} and y of shape {tuple(y.shape)}. It "
                "wants two tensors, with one label for each row of z."
            )
        shown = []
        for label in y.tolist():  # counted over all calls, so that it does not matter how they are cut
            before = int((self.asked == label).sum())
            self.asked = torch.cat([self.asked, torch.tensor([label])])
            shown.append((label + 1) % self.classes if before % 4 < label else label)
        self.seen = torch.cat([self.seen, torch.tensor(shown, dtype=torch.long)])
        return self.scale.detach() * (torch.tensor(shown) / 8 + 0.1)[:, None, None, None].expand(-1, 1, 2, 2)


def judge_of_obeys(images) -> Tensor:
    """Logits (n, 4) of the pictures of `Obeys`, in [-1, 1] as all judges of the course want them."""
    if not isinstance(images, Tensor) or images.ndim != 4 or images.shape[1] != 1:
        raise NotYet(
            f"The judge was shown a {type(images).__name__} of shape {tuple(getattr(images, 'shape', ()))}. It wants a tensor "
            "of shape (n, 1, height, width), as the generator makes them."
        )
    shown = ((images[:, 0, 0, 0] + 1) / 2 - 0.1) * 8
    if ((shown - shown.round().clamp(0, 3)).abs() > 0.05).any():  # none of the four pictures that there are
        raise NotYet(
            "The judge was trained on images in [-1, 1], and the generator makes x in [0, 1]: show it 2x - 1. It was shown "
            f"numbers from {images.min():.2f} to {images.max():.2f}."
        )
    return -(shown[:, None] - torch.arange(4)).square()
