"""The experiments by their names on the command line: a table to look them up in, and nothing else."""

from course_lib.experiments import gan_mnist_parzen, semi_mnist

# gan-course train NAME: modules with `Settings`, `settings()` and `plan`.
TRAINED = {
    "gan-mnist": gan_mnist_parzen,
    "semi-mnist": semi_mnist,
}

# gan-course reproduce NAME: modules with `Settings`, `settings()`, `PAPER` and `reproduce`.
REPRODUCED = {
    "gan-mnist-parzen": gan_mnist_parzen,
    "semi-mnist": semi_mnist,
}
