"""From class logits to a verdict, where the generated class is one class more: Salimans et al. 2016, section 5."""

from jaxtyping import Float
from torch import Tensor

from course_lib.verdict import Verdict


def verdict_of_classes(classes: Float[Tensor, "batch class"], features: Float[Tensor, "batch feature"]) -> Verdict:
    """D's logit is log Z, the logsumexp over the K classes alone, since the generated class has the logit 0."""
    return Verdict(classes.logsumexp(1), features, classes)
