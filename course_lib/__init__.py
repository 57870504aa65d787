"""The library of the GAN course: the game, its losses, data, theory, figures, widgets and checks."""

from course_lib import threads  # noqa: F401 before PyTorch, which reads it while it loads

# isort: split
from course_lib.environment import by_size, device, seed, size
from course_lib.game import Diverged, Game, play
from course_lib.show import show_source
from course_lib.verdict import Batch, Round, Term, Verdict

__all__ = [
    "Batch",
    "Diverged",
    "Game",
    "Round",
    "Term",
    "Verdict",
    "by_size",
    "device",
    "play",
    "seed",
    "show_source",
    "size",
]
