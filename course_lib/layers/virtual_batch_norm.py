"""Virtual batch normalisation: each example is normalised by a fixed reference batch and by itself.

Salimans et al. 2016, section 3.5. Batch norm makes an example's output hang on whatever else is in its batch;
here it hangs on the example, on the weights, and on examples that were chosen once.
"""

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn


class VirtualBatchNorm(nn.Module):
    """Normalises (n, channel) or (n, channel, height, width) by a reference batch and the example itself.

    With R reference examples, the mean and the mean of squares of an example are (its own + R x the
    reference's) / (R + 1), each pooled over positions. The reference is normalised by its own alone.
    channels: size of axis 1. eps: added to the variance. `weight` and `bias` are learnt, one a channel.
    Works only inside `WithReference`, and raises RuntimeError elsewhere.
    """

    def __init__(self, channels: int, *, eps: float = 1e-5):
        super().__init__()
        self.channels, self.eps = channels, eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.reference_rows: int | None = None  # the first rows of x, told by `WithReference` while it calls

    def forward(self, x: Float[Tensor, "n channel *position"]) -> Float[Tensor, "n channel *position"]:
        """x normalised; its first `reference_rows` examples are the reference."""
        if self.reference_rows is None:
            raise RuntimeError(
                "VirtualBatchNorm was called without a reference batch. Wrap the whole network, "
                "WithReference(network, z), and call the wrapper."
            )
        if x.ndim not in (2, 4) or x.shape[1] != self.channels:
            raise ValueError(
                f"x has shape {tuple(x.shape)}; this layer wants (n, {self.channels}) or (n, {self.channels}, h, w)."
            )
        maps = x if x.ndim == 4 else x[:, :, None, None]
        maps = maps.to(torch.promote_types(x.dtype, torch.float32))  # under autocast too, as batch norm does
        own_var, own_mean = torch.var_mean(maps, dim=(2, 3), correction=0, keepdim=True)

        R = self.reference_rows
        reference_mean = own_mean[:R].mean(0)
        reference_var = own_var[:R].mean(0) + own_mean[:R].var(0, correction=0)

        own_share = torch.full((len(x), 1, 1, 1), 1 / (R + 1), dtype=maps.dtype, device=x.device)
        own_share[:R] = 0  # the reference goes by the reference alone
        mean = torch.lerp(reference_mean.expand_as(own_mean), own_mean, own_share)
        # E x^2 - (E x)^2 for that mean and mean of squares, in a form that cannot cancel to less than zero.
        var = torch.lerp(reference_var.expand_as(own_var), own_var, own_share)
        var = var + own_share * (1 - own_share) * (own_mean - reference_mean).square()
        scale = self.weight[:, None, None] * torch.rsqrt(var + self.eps)
        return ((maps - mean) * scale + self.bias[:, None, None]).view_as(x).to(x.dtype)


class WithReference(nn.Module):
    """A generator together with the reference batch that its `VirtualBatchNorm` layers need.

    network: a generator with such layers, all others of which treat examples one by one.
    z, given: the reference batch, as the network takes its inputs; (reference, ...) each, fixed here for good. They
        are buffers, so they move and are saved with the weights. At each call they go through the network in
        front of the batch, with today's weights and with gradient: a call costs that many examples more.
    Raises ValueError if there is no such layer, or if z and given are empty or differ in length.
    """

    def __init__(self, network: nn.Module, z: Tensor, *given: Tensor):
        super().__init__()
        self.network = network
        lengths = [len(value) for value in (z, *given)]
        if not self._layers():
            raise ValueError(f"{type(network).__name__} has no VirtualBatchNorm layer, so a reference is of no use.")
        if len(set(lengths)) > 1 or lengths[0] == 0:
            raise ValueError(f"The reference's inputs have lengths {lengths}; give all the same, at least 1.")
        self.inputs = len(lengths)
        for index, value in enumerate((z, *given)):
            self.register_buffer(f"reference_{index}", value.detach().clone())

    def _layers(self) -> list[VirtualBatchNorm]:
        return [layer for layer in self.network.modules() if isinstance(layer, VirtualBatchNorm)]

    def noise(self, n: int) -> Float[Tensor, "n ..."]:
        """n draws from the prior of the wrapped generator."""
        return self.network.noise(n)

    def forward(
        self, z: Shaped[Tensor, "batch ..."], *given: Shaped[Tensor, "batch ..."]
    ) -> Float[Tensor, "batch ..."]:
        """network(z, *given), each example normalised by the reference and itself alone."""
        if 1 + len(given) != self.inputs:
            raise ValueError(f"The reference has {self.inputs} inputs, and this call {1 + len(given)}.")
        reference = [self.get_buffer(f"reference_{index}") for index in range(self.inputs)]
        rows = len(reference[0])
        both = [torch.cat([ours, theirs]) for ours, theirs in zip(reference, (z, *given), strict=True)]
        layers = self._layers()
        for layer in layers:
            layer.reference_rows = rows
        try:
            return self.network(*both)[rows:]
        finally:  # so that calling the network alone stays an error
            for layer in layers:
                layer.reference_rows = None
