"""Minibatch discrimination: D sees how close each example is to the others of its batch.

Salimans et al. 2016, section 3.2. Collapse shows there first: all of a generator's samples are close.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class MinibatchDiscrimination(nn.Module):
    """Adds to each example's features its closeness to the rest of the batch, once for each kernel.

    in_features: A. kernels: B, how many measures of closeness. dims: C, the numbers each compares.
    (n, A) goes to (n, A + B), own features first. Real and generated data must come in batches of their own.
    Raises ValueError if a size is not positive, and for a batch of fewer than two.
    """

    compares_examples = True  # `Game` reads this, and refuses real and generated data in one batch

    def __init__(self, in_features: int, kernels: int, dims: int):
        super().__init__()
        if min(in_features, kernels, dims) < 1:
            raise ValueError(f"Sizes are at least 1; got in_features={in_features}, kernels={kernels}, dims={dims}.")
        self.in_features, self.kernels, self.dims = in_features, kernels, dims
        # Not standard normal: for A = 250 the distances would start near 90, where exp and its slope are zero.
        self.T = nn.Parameter(torch.randn(in_features, kernels, dims) / in_features**0.5)

    def forward(self, x: Float[Tensor, "n features"]) -> Float[Tensor, "n longer"]:
        """The features x, and o(x_i)_b = sum over j other than i of exp(-|M_ib - M_jb|_1), where M_i = x_i T."""
        if len(x) < 2:
            # An empty sum would be 0, which D has learnt to read as "unlike all the others".
            raise ValueError(f"Got a batch of {len(x)}: minibatch discrimination compares, so give it two or more.")
        if x.shape[1] != self.in_features:
            raise ValueError(f"x has shape {tuple(x.shape)}; this layer wants (batch, {self.in_features}).")
        # In float32 under autocast too: what is close differs in the digits that bfloat16 drops.
        with torch.autocast(x.device.type, enabled=False):
            wide = x.to(torch.promote_types(x.dtype, torch.float32))
            M = torch.einsum("na,abc->bnc", wide, self.T.to(wide.dtype))
            alone = torch.eye(len(x), dtype=torch.bool, device=x.device)
            closeness = torch.exp(-torch.cdist(M, M, p=1)).masked_fill(alone, 0.0)
            o = closeness.sum(2).T
        return torch.cat([x, o.to(x.dtype)], dim=1)
