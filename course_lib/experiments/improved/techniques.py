"""The rows of Salimans et al. 2016, Table 3: which of the paper's techniques each has."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Techniques:
    """Which of the paper's techniques a variant has; all but historical averaging make "ours"."""

    virtual_batch_norm: bool = True
    labels: bool = True
    smoothing: bool = True
    minibatch: bool = True
    history: bool = False


VARIANTS = {
    "ours": Techniques(),
    "BN-for-VBN": Techniques(virtual_batch_norm=False),
    "HA-for-L": Techniques(labels=False, history=True),
    "no-LS": Techniques(smoothing=False),
    "no-L": Techniques(labels=False),
    "no-MBF": Techniques(minibatch=False),
}
