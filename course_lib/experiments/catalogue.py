"""The experiments by their names on the command line: a table to look them up in, and nothing else."""

from course_lib.experiments.cgan import cgan_digits, cgan_mnist_parzen, cgan_tags
from course_lib.experiments.dcgan import (
    dcgan,
    dcgan_cifar10_probe,
    dcgan_digits_features,
    dcgan_duplicates,
    dcgan_memorising,
    dcgan_mnist_nn,
    dcgan_rules,
    dcgan_svhn_probe,
)
from course_lib.experiments.gan import gan_mnist_parzen, parzen_weakness
from course_lib.experiments.improved import (
    ablation_cifar,
    ablation_digits,
    semi_cifar10,
    semi_mnist,
    semi_mnist_minibatch,
    semi_svhn,
    sgan_mnist,
    table_one,
    toy_game,
)
from course_lib.experiments.lessons import small_cgan

# gan-course train NAME: modules with `Settings`, `settings()` and `plan`.
TRAINED = {
    "gan-mnist": gan_mnist_parzen,
    "cgan-mnist": cgan_mnist_parzen,
    "cgan-digits": cgan_digits,
    "cgan-tags": cgan_tags,
    "dcgan-mnist": dcgan_mnist_nn,
    "dcgan": dcgan,
    "dcgan-rules": dcgan_rules,
    "semi-mnist": semi_mnist,
    "semi-mnist-minibatch": semi_mnist_minibatch,
    "semi-mnist-table": table_one,
    "semi-cifar10": semi_cifar10,
    "semi-svhn": semi_svhn,
    "sgan-mnist": sgan_mnist,
    "cifar10-ablation": ablation_cifar,
    "improved-ablation": ablation_digits,
}

# gan-course reproduce NAME: modules with `Settings`, `settings()`, `PAPER` and `reproduce`.
REPRODUCED = {
    "gan-mnist-parzen": gan_mnist_parzen,
    "parzen-kmeans": parzen_weakness,
    "cgan-mnist-parzen": cgan_mnist_parzen,
    "cgan-digits": cgan_digits,
    "small-cgan": small_cgan,
    "cgan-tags": cgan_tags,
    "dcgan-mnist-1nn": dcgan_mnist_nn,
    "dcgan-rules": dcgan_rules,
    "dcgan-cifar10-probe": dcgan_cifar10_probe,
    "dcgan-svhn-probe": dcgan_svhn_probe,
    "dcgan-duplicates": dcgan_duplicates,
    "dcgan-digits-features": dcgan_digits_features,
    "dcgan-memorising": dcgan_memorising,
    "historical-averaging-toy": toy_game,
    "cifar10-ablation": ablation_cifar,
    "improved-ablation": ablation_digits,
    "semi-mnist": table_one,
    "semi-mnist-minibatch": semi_mnist_minibatch,
    "semi-cifar10": semi_cifar10,
    "semi-svhn": semi_svhn,
    "sgan-mnist": sgan_mnist,
}
