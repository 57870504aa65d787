"""The two players' losses of Goodfellow et al. 2014, with one-sided label smoothing.

Everything is written in logits l, where D(x) = sigmoid(l): then -log D = softplus(-l) and
-log(1 - D) = softplus(l), which stay finite where sigmoid followed by log gives NaN.
"""

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import softplus

from course_lib.verdict import Round


def tell_apart(round: Round, real_target: float = 1.0) -> Float[Tensor, ""]:
    """D's loss, -V(D, G): call real data real and generated data generated.

    real_target: in (0, 1], what D is asked to answer on real data; below 1 this is one-sided label
        smoothing (Salimans et al. 2016, section 3.4). The target on generated data stays 0, because
        smoothing it would reward G's present mistakes: D* = (alpha p_data + beta p_g) / (p_data + p_g).
    Raises ValueError for a target outside that range.
    """
    if not 0 < real_target <= 1:
        raise ValueError(f"real_target is what D should answer on real data, in (0, 1]; got {real_target}.")
    logits = round.real.logits
    real = real_target * softplus(-logits) + (1 - real_target) * softplus(logits)
    return real.mean() + softplus(round.fake.logits).mean()


def minimax(round: Round) -> Float[Tensor, ""]:
    """G's loss in the minimax game, E log(1 - D(G(z))), which saturates where D is sure.

    Goodfellow et al. 2014, equation 1; at most 0, and its slope in the logit is -D(G(z)).
    """
    return -softplus(round.fake.logits).mean()


def non_saturating(round: Round) -> Float[Tensor, ""]:
    """G's loss in practice, -E log D(G(z)): the same fixed point, a strong gradient early.

    Goodfellow et al. 2014, end of section 3; at least 0, and its slope in the logit is D(G(z)) - 1.
    """
    return softplus(-round.fake.logits).mean()
