"""One layer of features by k-means on patches: the baseline that the DCGAN paper's Table 1 calls "1 Layer K-means".

Coates, Ng and Lee 2011, *An analysis of single-layer networks in unsupervised feature learning*: patches are brought to
equal contrast and whitened, k-means finds typical ones, and an image is told by how near each of its patches is to
each of them, pooled over a grid of places.
"""

import numpy as np
import torch
from jaxtyping import Float
from sklearn.cluster import MiniBatchKMeans
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, unfold

CONTRAST = 0.01  # added to a patch's variance, so that flat patches stay flat; of images in [-1, 1]
WHITENING = 0.1  # added to the variance of each direction, so that those of noise are not blown up


class PatchFeatures:
    """Fitted to images without labels; called with images, it returns their features.

    x: in [-1, 1]. centroids: typical patches to find. side: of a patch in pixels. grid: features are pooled over
    grid x grid places, so that there are centroids x grid x grid of them. n_patches: drawn at random to find the
    centroids in. seed: of that and of k-means; the global random state is left alone.
    """

    def __init__(
        self,
        x: Float[Tensor, "n channel height width"],
        *,
        centroids: int = 192,
        side: int = 6,
        grid: int = 4,
        n_patches: int = 50_000,
        seed: int = 0,
    ):
        if centroids < 1 or not 1 <= side <= min(x.shape[2:]) or n_patches < centroids:
            raise ValueError(
                f"{centroids} centroids of {n_patches} patches of {side}x{side} cannot be found in images of "
                f"{x.shape[2]}x{x.shape[3]}."
            )
        self.side, self.grid = side, grid
        draw = torch.Generator().manual_seed(seed)
        some = x[torch.randperm(len(x), generator=draw)[: max(1, n_patches // 20)]]
        patches = self._patches(some).transpose(1, 2).flatten(0, 1)
        patches = patches[torch.randperm(len(patches), generator=draw)[:n_patches]]
        self.mean = patches.mean(0)
        variances, directions = torch.linalg.eigh((patches - self.mean).T.cov())
        # Turned, scaled and turned back (ZCA): white patches still look like patches.
        self.whiten = directions @ (variances + WHITENING).rsqrt().diag() @ directions.T
        k_means = MiniBatchKMeans(centroids, n_init=1, batch_size=2_000, random_state=seed)
        k_means.fit(((patches - self.mean) @ self.whiten).numpy())
        self.centroids = torch.from_numpy(k_means.cluster_centers_.astype(np.float32))

    def __call__(self, x: Float[Tensor, "n channel height width"]) -> Float[Tensor, "n feature"]:
        """Features of images as large as those it was fitted to; at least 0."""
        return torch.cat([self._features(part) for part in x.split(200)])

    def _features(self, x: Tensor) -> Tensor:
        side = x.shape[2] - self.side + 1, x.shape[3] - self.side + 1
        white = (self._patches(x).transpose(1, 2) - self.mean) @ self.whiten
        distance = torch.cdist(white, self.centroids[None].expand(len(x), -1, -1))
        # "Triangle": how much nearer than a patch is on average, and 0 for centroids farther away than that.
        near = (distance.mean(2, keepdim=True) - distance).clamp(min=0)
        return adaptive_avg_pool2d(near.transpose(1, 2).unflatten(2, side), self.grid).flatten(1)

    def _patches(self, x: Tensor) -> Float[Tensor, "n number place"]:
        """All patches, each around its mean and divided by its contrast."""
        patches = unfold(x, self.side)
        patches = patches - patches.mean(1, keepdim=True)
        return patches / (patches.var(1, correction=0, keepdim=True) + CONTRAST).sqrt()
