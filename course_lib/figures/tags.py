"""Pictures of Mirza and Osindero 2014, section 4.2: tags under their pictures, words on a map, and how well it went."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from course_lib.figures.style import ACCENT, DATA, JUDGE, MODEL, MUTED, describe, look, panels

# One for each group or picture: told apart by their shape where colours are not seen.
MARKS = ((DATA, "o"), (MODEL, "s"), (JUDGE, "^"), (ACCENT, "D"))


@look()
def tagged_pictures(
    images: UInt8[Tensor, "n 3 height width"],
    columns: Mapping[str, Sequence[Sequence[str]]],
    *,
    right: Sequence[Collection[str]] | None = None,
    width: float = 7.6,
) -> Figure:
    """One row for each picture, and beside it its words in one or two columns, as in Table 2 of the paper.

    images: 0 to 255. columns: from a heading to the words of each picture. right: of each picture the tags it has;
    words of the last column that are among them are bold, the others of that column grey. width: in inches.
    Raises ValueError where a column has another number of rows than there are pictures.
    """
    for heading, words in columns.items():
        if len(words) != len(images):
            raise ValueError(f"The column '{heading}' has {len(words)} rows for {len(images)} pictures.")
    figure, [axes] = panels(width=width, height=0.32 + 0.8 * len(images))
    axes.set(xlim=(0, width), ylim=(len(images), -0.4))
    axes.axis("off")
    share = (width - 0.8) / len(columns)
    for row, image in enumerate(images):
        pixels = image.permute(1, 2, 0).numpy()
        axes.inset_axes((0.05, row + 0.1, 0.6, 0.8), transform=axes.transData).imshow(pixels, interpolation="nearest")
    for inset in axes.child_axes:
        inset.set_axis_off()
    hits = 0
    for number, (heading, words) in enumerate(columns.items()):
        left = 0.8 + number * share
        axes.text(left, -0.15, heading, fontsize=9, style="italic", va="center")
        judged = right is not None and number == len(columns) - 1
        for row, own in enumerate(words):
            good = set(right[row]) if judged else set()
            hits += len(good & set(own))
            styles = [_style(word in good) if judged else {"color": DATA} for word in own]
            _flow(axes, own, styles, left, row + 0.14, left + share - 0.15)
    said = f"{len(images)} pictures, one above another, each with its words: {', '.join(columns)}."
    if right is not None:
        said += f" Of the words in the last column {hits} are bold: tags that the picture has."
    return describe(figure, said)


def _style(right: bool) -> dict[str, str]:
    return {"weight": "bold", "color": DATA} if right else {"color": "#666666"}


def _flow(axes: Axes, words: Sequence[str], styles: Sequence[dict], left: float, top: float, edge: float) -> None:
    """Words one after another, on a new line where the edge is reached."""
    renderer = axes.figure.canvas.get_renderer()
    across, down = left, top
    for word, style in zip(words, styles, strict=True):
        text = axes.text(across, down, word, fontsize=8.5, va="center", **style)
        # An axis as wide in data as the figure in inches: what is measured in pixels is one division away from it.
        wide = text.get_window_extent(renderer).width / axes.figure.dpi
        if across + wide > edge and across > left:
            across, down = left, down + 0.2
            text.set_position((across, down))
        across += wide + 0.12


@look()
def skip_gram_pairs(centre: str, context: Sequence[str], noise: Sequence[str]) -> Figure:
    """What skip-gram learns from one tag: pairs with its companions are real, pairs with words drawn at random made up.

    centre: a tag of a picture. context: its other tags. noise: words from the whole vocabulary.
    """
    others = [*context, *noise]
    figure, [axes] = panels(width=5.8, height=0.5 + 0.27 * len(others))
    axes.set(xlim=(-0.6, 3.1), ylim=(len(others) - 0.4, -0.6))
    axes.axis("off")
    middle = (len(others) - 1) / 2
    for row, word in enumerate(others):
        real = row < len(context)
        colour, line = (MODEL, "-") if real else (ACCENT, "--")
        axes.plot([0.05, 1.35], [middle, row], line, color=colour, linewidth=1.3)
        axes.text(1.4, row, word, va="center", weight="bold" if real else "normal")
    box = {"boxstyle": "round", "facecolor": "white", "edgecolor": DATA}
    axes.text(0, middle, centre, va="center", ha="right", weight="bold", bbox=box)
    for rows, said, colour in (
        (range(len(context)), "of the same picture:\nanswer real", MODEL),
        (range(len(context), len(others)), "drawn at random:\nanswer made up", ACCENT),
    ):
        axes.text(2.15, float(np.mean(rows)), said, va="center", color=colour)
    return describe(
        figure,
        f"Lines from the tag '{centre}': solid to {', '.join(context)}, tags of the same picture; dashed to "
        f"{', '.join(noise)}, words drawn at random.",
    )


@look()
def word_map(
    words: Sequence[str], vectors: Float[Tensor, "word dim"], groups: Mapping[str, Sequence[str]], *, width: float = 6.4
) -> Figure:
    """Chosen words where their vectors lie, on the plane that shows most of how these words differ.

    words, vectors: the vocabulary, a row for each word. groups: at most four, from a name to words of the
    vocabulary. Raises ValueError for a word that has no vector.
    """
    chosen = [word for group in groups.values() for word in group]
    unknown = [word for word in chosen if word not in words]
    if unknown or len(groups) > len(MARKS):
        raise ValueError(f"Give at most {len(MARKS)} groups of known words; unknown: {unknown}.")
    directions = vectors / vectors.norm(dim=1, keepdim=True)
    plane = _plane(directions[[words.index(word) for word in chosen]])
    figure, [axes] = panels(width=width, height=0.66 * width)
    begin = 0
    for (colour, mark), (name, group) in zip(MARKS, groups.items(), strict=False):
        x, y = plane[begin : begin + len(group)].T
        axes.plot(x, y, mark, color=colour, label=name, markersize=5)
        middle = x.median().item()
        for word, *place in zip(group, x.tolist(), y.tolist(), strict=True):
            side, away = ("left", 5) if place[0] > middle else ("right", -5)  # words point away from their group
            axes.annotate(
                word, place, (away, 0), textcoords="offset points", fontsize=8, color=colour, ha=side, va="center"
            )
        begin += len(group)
    axes.set(xlabel="first direction", ylabel="second direction", xticks=[], yticks=[])
    axes.margins(x=0.12)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return describe(figure, f"A map of {len(chosen)} words in {len(groups)} groups: {', '.join(groups)}.")


@look()
def samples_among_tags(
    vectors: Float[Tensor, "word dim"],
    tags: Sequence[Sequence[int]],
    samples: Float[Tensor, "picture sample dim"],
    names: Sequence[str],
) -> Figure:
    """For a few pictures, at most four: where their tags' vectors lie, and where the generated ones lie. One panel each.

    vectors: of all words. tags: of each picture, rows of `vectors`. samples: generated for each picture.
    names: of the pictures. All panels show the same plane, in which the vocabulary varies most.
    """
    _, _, axis = torch.linalg.svd(vectors - vectors.mean(0), full_matrices=False)
    flat = (vectors - vectors.mean(0)) @ axis[:2].T
    made = (samples - vectors.mean(0)) @ axis[:2].T
    figure, boxes = panels(1, len(names), width=2.4 * len(names), height=2.6)
    spread = []
    for axes, own, cloud, name in zip(boxes, tags, made, names, strict=True):
        axes.plot(*flat.T, ".", color=MUTED, markersize=2, alpha=0.6, label="all words")
        axes.plot(*flat[list(own)].T, "o", color=DATA, markersize=7, markerfacecolor="none", label="its tags")
        axes.plot(*cloud.T, "x", color=MODEL, markersize=5, label="generated")
        axes.set(xticks=[], yticks=[], xlabel=name)
        spread.append((cloud.std(0).norm() / flat[list(own)].std(0).norm()).item())
    boxes[0].set_ylabel("second direction")
    handles, labels = boxes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3)
    widest = max(spread)
    return describe(
        figure,
        f"{len(names)} panels, one a picture: all words as dots, its tags as circles and the generated vectors as "
        f"crosses. The crosses spread at most {widest:.2f} times as far as the circles.",
    )


@look()
def precision_bars(precision: Mapping[str, float], *, best: float, ours: str) -> Figure:
    """Precision at 10 of several ways to tag, as bars, below the best that could be had.

    precision: from a way's name to its precision. best: the highest possible. ours: which name stands out.
    """
    figure, [axes] = panels(width=6.0, height=0.7 + 0.34 * len(precision))
    names = list(precision)
    colours = [MODEL if name == ours else MUTED for name in names]
    axes.barh(names, list(precision.values()), color=colours, height=0.6)
    for row, value in enumerate(precision.values()):
        axes.text(value + 0.004, row, f"{value:.3f}", va="center", fontsize=9)
    axes.axvline(best, color=ACCENT, linestyle="--")
    axes.text(best, -0.1, f"best possible {best:.2f}  ", ha="right", va="center", color=ACCENT)
    axes.set(xlabel="precision at 10, test concepts", xlim=(0, 1.08 * best), ylim=(len(names) - 0.4, -0.6))
    said = ", ".join(f"{name} {value:.3f}" for name, value in precision.items())
    return describe(figure, f"Bars of precision at 10: {said}. The best possible is {best:.2f}.")


def _plane(points: Float[Tensor, "point dim"]) -> Float[Tensor, "point 2"]:
    """The points in the two directions in which they differ most."""
    centred = points - points.mean(0)
    _, _, axis = torch.linalg.svd(centred, full_matrices=False)
    return centred @ axis[:2].T
