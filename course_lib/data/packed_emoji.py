"""The emoji that come with the course: small colour pictures with words for them, in up to three renderings.

From Twemoji, Noto Emoji and Fluent Emoji, with words from CLDR and emojilib; sources, authors and licences are in
course_lib/data/emoji/ATTRIBUTION.md, the script that packed them in tools/pack_emoji.py.
"""

import json
import lzma
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int, UInt8
from torch import Tensor

from course_lib.data.images import Images

PACK = Path(__file__).parent / "emoji"
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Concept:
    """What an emoji shows, whoever drew it.

    name: its English name in Unicode. group: one of nine, such as "Food & Drink". tags: words that people look for
    it by, at least one.
    """

    name: str
    group: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Emoji:
    """Pictures and what they show.

    x: (n, 3, 32, 32), 0 to 255, on white. concept: (n,), which of `concepts` each shows. rendering: (n,), which of
    `renderings` drew it; most concepts have a picture in each. groups: of the whole pack, in alphabetical order.
    """

    x: UInt8[Tensor, "n 3 32 32"]
    concept: Int[Tensor, " n"]
    rendering: Int[Tensor, " n"]
    concepts: tuple[Concept, ...]
    renderings: tuple[str, ...]
    groups: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.x)

    def images(self) -> Images:
        """The pictures as `Images`, labelled with their groups, by the same numbers in every split."""
        group = torch.tensor([self.groups.index(concept.group) for concept in self.concepts])
        return Images(self.x, group[self.concept], self.groups, "emoji")


def embedded_emoji(split: str = "train") -> Emoji:
    """About 4,100 pictures of 1,379 concepts, from the course's own pack; no file or network needed.

    split: "train", "validation" or "test", 80, 10 and 10 of a hundred, or "all". It is a split of concepts, fixed
        in the pack: all renderings of a concept are in one split, since they show the same thing in much the same
        way, and a picture met in training would give its neighbour's words away.
    Raises ValueError for another split.
    """
    if split not in (*SPLITS, "all"):
        raise ValueError(f"split is '{split}'. Choose {', '.join(map(repr, SPLITS))} or 'all'.")
    described = json.loads((PACK / "concepts.json").read_text(encoding="utf-8"))
    size, top = described["size"], described["levels"] - 1
    byte_of_level = np.rint(np.arange(top + 1) / top * 255).astype(np.uint8)
    levels = np.frombuffer(lzma.decompress((PACK / "pictures.xz").read_bytes()), np.uint8)
    pictures = torch.from_numpy(byte_of_level[levels]).reshape(-1, size, size, 3)
    # All pictures of the first rendering stand first, in the order of the concepts, then all of the second.
    everything = described["concepts"]
    shown = [(r, c) for r in range(len(described["renderings"])) for c in range(len(everything))]
    shown = [(r, c) for r, c in shown if r in everything[c]["renderings"]]
    kept = [c for c, concept in enumerate(everything) if split in (concept["split"], "all")]
    number = {c: new for new, c in enumerate(kept)}
    places = [place for place, (_, c) in enumerate(shown) if c in number]
    return Emoji(
        x=pictures[places].permute(0, 3, 1, 2).contiguous(),
        concept=torch.tensor([number[shown[place][1]] for place in places]),
        rendering=torch.tensor([shown[place][0] for place in places]),
        concepts=tuple(Concept(e["name"], e["group"], tuple(e["tags"])) for e in (everything[c] for c in kept)),
        renderings=tuple(described["renderings"]),
        groups=tuple(sorted({concept["group"] for concept in everything})),
    )
