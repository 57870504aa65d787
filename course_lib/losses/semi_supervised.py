"""D as a classifier of K + 1 classes: K kinds of real data, and "generated".

Salimans et al. 2016, section 5. The K class logits l are given; the logit of the class "generated" is fixed at 0,
since a softmax does not change when the same number is added to all its logits. With Z(x) = sum_k exp l_k(x),
    p(generated | x) = 1 / (Z(x) + 1)    and    D(x) = Z(x) / (Z(x) + 1) = sigmoid(log Z(x)),
so that D's logit is log Z, the logsumexp of the class logits, and all losses of the two-class game apply to it.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy, log_softmax, pad, softplus

from course_lib.verdict import Round, Verdict, free_to_look

UNKNOWN = -1  # the label of an example whose class is not known


def supervised(round: Round) -> Float[Tensor, ""]:
    """D's loss on examples of known class: cross-entropy among the K classes, -E log p(y | x, real).

    Of `batch.labelled` where the batch has one, otherwise of the real examples whose y is not -1; 0 if there are
    none. Raises ValueError where D gives no classes, labels are missing, or a label is not one of the classes.
    """
    classes, y = _of_known_class(round)
    known = (y != UNKNOWN).sum()
    return cross_entropy(classes, y, ignore_index=UNKNOWN, reduction="sum") / known.clamp(min=1)


def unlabelled(round: Round) -> Float[Tensor, ""]:
    """D's loss on examples of unknown class, as in the released code: real data in some class, generated in none.

    1/2 E[-log Z(x) + softplus(log Z(x))] + 1/2 E softplus(log Z(G(z))): half of `tell_apart`.
    Raises ValueError where D gives no classes.
    """
    return 0.5 * _in_some_class_or_none(round)


def k_plus_one(round: Round) -> Float[Tensor, ""]:
    """D's whole loss, L_supervised + L_unsupervised of section 5, in log Z: the form to train with.

    Needs what `supervised` needs. The released code halves the second part: `supervised` and `unlabelled`.
    """
    return supervised(round) + _in_some_class_or_none(round)


def k_plus_one_explicit(round: Round) -> Float[Tensor, ""]:
    """The same number as `k_plus_one`, read off a softmax over all K + 1 classes: the form to understand.

    -E log p(y | x, y < K+1) - E log(1 - p(K+1 | x)) - E log p(K+1 | G(z)). On fully labelled data the first two
    add up to the usual cross-entropy among K + 1 classes.
    """
    labelled, y = _of_known_class(round)
    log_p, known = _log_p(labelled), y != UNKNOWN
    log_p_y = log_p.gather(1, y.clamp(min=0)[:, None]).squeeze(1) - _log_p_real(log_p)
    log_p_real = _log_p_real(_log_p(_classes(round.real)))
    log_p_generated = _log_p(_classes(round.fake))[:, -1]
    return -(log_p_y * known).sum() / known.sum().clamp(min=1) - log_p_real.mean() - log_p_generated.mean()


def _in_some_class_or_none(round: Round) -> Float[Tensor, ""]:
    # Over the classes alone: a logsumexp over all axes is one number for the whole batch, and no error.
    real, fake = (torch.logsumexp(_classes(verdict), dim=1) for verdict in (round.real, round.fake))
    # -log Z + softplus(log Z) = softplus(-log Z), without the difference of two large numbers.
    return softplus(-real).mean() + softplus(fake).mean()


def _log_p(classes: Float[Tensor, "batch class"]) -> Float[Tensor, "batch class_and_generated"]:
    return log_softmax(pad(classes, (0, 1)), dim=1)


def _log_p_real(log_p: Float[Tensor, "batch class_and_generated"]) -> Float[Tensor, " batch"]:
    return torch.logsumexp(log_p[:, :-1], dim=1)


def _classes(verdict: Verdict) -> Float[Tensor, "batch class"]:
    if verdict.classes is None:
        raise ValueError(
            "This loss needs class logits, and the discriminator's verdict has none. "
            "Use one that classifies, such as those of course_lib.models.semi_supervised."
        )
    return verdict.classes


def _of_known_class(round: Round) -> tuple[Float[Tensor, "batch class"], Int[Tensor, " batch"]]:
    """Class logits and labels of the examples that may be labelled."""
    apart = round.batch.labelled is not None
    y = round.batch.labelled.y if apart else round.batch.y
    if y is None:
        where = "batch.labelled has" if apart else "The batch has no `labelled` part and"
        raise ValueError(f"{where} no labels y. Learning classes needs some examples of known class.")
    classes = _classes(round.labelled if apart else round.real)
    lowest, highest = 0 if apart else UNKNOWN, classes.shape[1] - 1
    # To look at numbers on a GPU is to wait for it; there cross_entropy itself stops at such a label.
    if free_to_look(y) and len(y) and (y.min() < lowest or y.max() > highest):
        raise ValueError(
            f"Labels run from {y.min()} to {y.max()}, but D has {classes.shape[1]} classes, 0 to {highest}"
            + ("." if apart else ", and -1 stands for unknown.")
        )
    return classes, y
