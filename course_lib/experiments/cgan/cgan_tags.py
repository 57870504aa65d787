"""Tags for pictures by a conditional GAN of word vectors: Mirza and Osindero 2014, section 4.2.

    gan-course train cgan-tags
    gan-course reproduce cgan-tags
    gan-course reproduce cgan-tags --data mirflickr:PATH --min-count 200       the paper's photographs

The paper prints examples and no number, so ours stand beside three baselines and beside the best that could be had.
The emoji and their keywords take the place of Flickr's photographs. Both models that feed the game are fitted here,
to training concepts alone, and then fixed: skip-gram vectors of the keywords, and features of a small convnet that
tells the emoji's nine groups apart. The networks and their SGD are the paper's; weights are not averaged, and chosen
by precision at 10 on the validation concepts. What was
found on test concepts, with the baselines, and what dropout in G does to it, is in the ledger. In ten minutes at cpu.

Who has MIR Flickr 25,000 points to the folder with its im1.jpg. Features then are 4096 numbers of torchvision's
AlexNet, the first 150,000 rows train, and the photographs after them are for validation and test in turn. The
paper's word vectors came from a far larger corpus; these come from the training photographs' tags. Takes 4 GB.
"""

from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from course_lib.data.tag_rows import PairBatches, tag_rows
from course_lib.data.word_vectors import skip_gram
from course_lib.environment import by_size
from course_lib.experiments.cgan import taggers
from course_lib.experiments.cgan.tag_scores import more_precise, pictures_of_one_thing, scores
from course_lib.experiments.cgan.taggers import copied_tags, generated_tags, linear_tags
from course_lib.experiments.cgan.tagging import KEEP, NEAREST, Tagging, seen_by_small_convnet, tagged_pictures
from course_lib.game import Game
from course_lib.losses import non_saturating, tell_apart
from course_lib.models.alexnet import imagenet_features
from course_lib.models.cgan import TagDiscriminator, TagGenerator
from course_lib.training.checkpoint import undisturbed
from course_lib.training.ledger import Outcome
from course_lib.training.optimizers import sgd
from course_lib.training.plan import Plan, Training
from course_lib.training.run import train
from course_lib.training.schedules import falling_rate_rising_momentum

PAPER: dict[str, str] = {}


@dataclass(frozen=True)
class Settings:
    """What the training depends on."""

    data: str = "emoji"
    """emoji, or mirflickr:PATH, where PATH is the folder with im1.jpg; its annotations are looked for beside it."""
    skip_damaged: bool = False
    """Of a folder of pictures: leave out, by name, files that cannot be read, rather than stop."""
    training_rows: int = 150_000
    """Rows of MIR Flickr that train; the emoji have splits of their own."""
    steps: int = 288_000
    """Moves of each player; some 160 are one pass over the emoji's rows, one for each tag of each picture."""
    batch_size: int = 100
    """Rows a move."""
    learning_rate: float = 0.1
    """Of both players' SGD at the start."""
    decay: float = 1.00004
    """What the learning rate is divided by at every step, down to 1e-6."""
    momentum_passes: int = 250
    """Passes over which the momentum rises from 0.5 to 0.7."""
    word_dim: int = 200
    """Numbers in a word vector."""
    min_count: int = 15
    """Words that fewer training pictures have are left out; in the paper's corpus, 200."""
    word_epochs: int = 10
    """Passes of skip-gram over the training pictures' keywords."""
    convnet_width: int = 32
    """Feature maps of the convnet's first layer; a picture then has 32 times as many features."""
    convnet_epochs: int = 3
    """Passes of the convnet over the training pictures."""
    generator_units: tuple[int, int] = (500, 2000)
    """Of G's ReLU layers, for z and for the picture."""
    discriminator_units: tuple[int, int, int] = (500, 1200, 1000)
    """Of D's ReLU layers for the word and for the picture, and of its joint maxout layer, of 3 pieces."""
    samples: int = 100
    """Word vectors drawn for each picture."""
    seed: int = 0
    """Of both fixed models, the weights, the noise and the order of the data."""


QUICK = Settings(
    steps=4,
    batch_size=20,
    word_dim=8,
    min_count=50,
    word_epochs=1,
    convnet_width=2,
    convnet_epochs=1,
    generator_units=(4, 8),
    discriminator_units=(4, 8, 4),
    samples=5,
)
CPU = Settings(
    steps=4_000,
    decay=1.0006,
    word_dim=64,
    generator_units=(200, 400),
    discriminator_units=(200, 400, 300),
)
GPU = Settings()


def settings() -> Settings:
    """The settings for the size in force."""
    return by_size(quick=QUICK, cpu=CPU, gpu=GPU)


def prepare(settings: Settings) -> Tagging:
    """Fit the word vectors to the training pictures' tags, and describe the pictures of every split by features.

    Raises ValueError for data of another name, and DataError for data or weights that are not there.
    """
    pictures = tagged_pictures(settings.data, settings.training_rows, settings.skip_damaged)
    tags = {split: tagged.tags for split, tagged in pictures.items()}
    how = {"dim": settings.word_dim, "min_count": settings.min_count, "epochs": settings.word_epochs}
    words = skip_gram(tags["train"], seed=settings.seed, **how)
    if settings.data == "emoji":
        seen = seen_by_small_convnet(pictures, settings.convnet_width, settings.convnet_epochs, settings.seed)
    else:
        seen = {split: imagenet_features(tagged.x) for split, tagged in pictures.items()}
    mean, std = seen["train"].mean(0), seen["train"].std(0).clamp(min=1e-6)
    features = {split: (maps - mean) / std for split, maps in seen.items()}
    return Tagging(words, tag_rows(tags["train"], words.words), features, tags, pictures["train"].name)


def plan(settings: Settings, device: torch.device) -> Plan:
    """The game on the training concepts, measured on the validation concepts."""
    return plan_with(prepare(settings), settings, device)


def plan_with(tagging: Tagging, settings: Settings, device: torch.device) -> Plan:
    """`plan` where both models are fitted already."""
    if len(tagging.words) < NEAREST:
        raise ValueError(
            f"min_count {settings.min_count} leaves {len(tagging.words)} words; {NEAREST} are needed. Lower it."
        )
    if settings.samples < 1:
        raise ValueError(f"samples is {settings.samples}; draw at least 1 word vector for each picture.")
    image_dim = tagging.features["train"].shape[1]
    generator = TagGenerator(image_dim=image_dim, word_dim=settings.word_dim, hidden=settings.generator_units)
    discriminator = TagDiscriminator(
        settings.word_dim, image_dim, settings.discriminator_units[:2], settings.discriminator_units[2]
    )
    batches = PairBatches(
        tagging.rows,
        tagging.features["train"].to(device),
        tagging.words.vectors.to(device),
        batch_size=settings.batch_size,
        seed=settings.seed,
    )
    schedules = falling_rate_rising_momentum(
        settings.learning_rate, settings.decay, settings.momentum_passes * batches.batches_per_pass
    )
    game = Game(
        generator,
        discriminator,
        d_terms={"real or fake": tell_apart},
        g_terms={"pass for real": non_saturating},
        d_optimizer=sgd(discriminator, **schedules),
        g_optimizer=sgd(generator, **schedules),
    )

    def measure(generator: nn.Module, discriminator: nn.Module) -> dict[str, float]:
        # Fewer samples than for the record: this is done after every thousand steps.
        tags = generated_tags(generator, tagging.features["validation"], tagging.words, min(settings.samples, 20))
        return {f"validation_{name}": value for name, value in scores(tags, tagging.tags["validation"]).items()}

    return Plan(game, batches, measure=measure, decides=f"validation_precision_at_{KEEP}", average=1.0)


def reproduce(settings: Settings, training: Training) -> Outcome:
    """Train, and tag the pictures of the test concepts; the baselines tag the same ones."""
    tagging = prepare(settings)
    trained = train("cgan-tags", partial(plan_with, tagging), settings, training)
    with undisturbed(settings.seed):
        told = trained.generator, tagging.features["test"], tagging.words, settings.samples
        generated, noisy = generated_tags(*told), generated_tags(*told, dropout=True)
        answers = taggers.generated_answers(trained.generator, tagging, settings.samples)
    held_out = tagging.tags["test"]
    linear = linear_tags(tagging)
    numbers = scores(generated, held_out)
    numbers |= more_precise("linear", linear, generated, held_out, pictures_of_one_thing(settings.data, len(held_out)))
    for name, other in (
        ("dropout_on", noisy),
        ("prior", taggers.tags_with_prior(answers, tagging)[0]),
        ("linear_prior", taggers.tags_with_prior(taggers.linear_answers(tagging), tagging)[0]),
        ("most_frequent", [tagging.words.words[:KEEP]] * len(held_out)),
        ("linear", linear),
        ("copied", copied_tags(tagging)),
        ("best_possible", [tuple(tag for tag in tags if tag in tagging.words.words) for tags in held_out]),
    ):
        numbers |= {f"{number}_{name}": value for number, value in scores(other, held_out).items()}
    source = "MIR Flickr" if tagging.source == "mirflickr" else f"{tagging.source}, not MIR Flickr"
    note = f"{source}; {len(held_out)} test pictures, {len(tagging.words)} words"
    return Outcome(numbers, trained.seconds, next(trained.generator.parameters()).device, note)
