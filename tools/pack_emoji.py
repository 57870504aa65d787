"""Pack the course's own colour emoji: `.venv/bin/python tools/pack_emoji.py SOURCE`.

SOURCE is a folder with `emoji64.npz`, pictures of 64x64 in three renderings, already composed over white, and
`concepts.json`, what they show. What is written to course_lib/data/emoji is read by course_lib/data/packed_emoji.py:

concepts.json  what is shown: name, group, tags, split, and which renderings there are
pictures.xz    32x32 pictures, one byte from 0 to 63 for each colour of a pixel: all of the first rendering in the
               order of the concepts, then all of the second, and so on; (picture, row, column, colour), LZMA

Run twice, it writes the same bytes. Licences: course_lib/data/emoji/ATTRIBUTION.md.
"""

import io
import json
import lzma
import random
import re
import sys
from pathlib import Path

import numpy as np
from PIL import Image

TARGET = Path(__file__).resolve().parent.parent / "course_lib" / "data" / "emoji"
SIZE, LEVELS = 32, 64
SPLITS = (("train", 0.8), ("validation", 0.1), ("test", 0.1))


def one_by_one(names: str) -> frozenset[str]:
    """The names in a text that stand between bars."""
    return frozenset(names.split("|"))


# What a classroom would not want, by name, with the reason.
UNSUITABLE = {
    "weapons and explosives": one_by_one(
        "water pistol|kitchen knife|dagger|crossed swords|axe|bomb|bow and arrow|firecracker"
    ),
    "alcohol": one_by_one(
        "sake|bottle with popping cork|wine glass|cocktail glass|tropical drink|beer mug|clinking beer mugs|"
        "clinking glasses|tumbler glass"
    ),
    "tobacco": one_by_one("cigarette|no smoking"),
    "drugs, needles and blood": one_by_one("pill|syringe|drop of blood"),
    "gambling": one_by_one("slot machine"),
    "death": one_by_one("skull|skull and crossbones|pirate flag|coffin|headstone|funeral urn"),
    "sexual, or taken so": one_by_one(
        "love hotel|no one under eighteen|biting lip|people with bunny ears|bikini|briefs"
    ),
    "insulting or crude": one_by_one("middle finger|face with symbols on mouth|pile of poo|face vomiting"),
}

# Words that people search pictures by, and that are not for a classroom either.
UNSUITABLE_TAGS = one_by_one(
    "af|alcohol|ale|ass|assassin|balls|barf|beer|beers|betting|blood|bomb|booze|bottoms|bourbon|"
    "breast|bs|bust|busts|butt|casino|champagne|cigarette|cock|cocktail|crap|creepy|cursing|cussing|"
    "dagger|dead|deadly|death|die|died|drug|drugs|drunk|dung|dying|dynamite|explosive|fart|fml|"
    "gamble|gambling|grave|graveyard|gun|handgun|hate|hump|joint|kills|liquor|litaf|lmao|loser|"
    "lust|margarita|martini|molester|nasty|nsfw|nuts|octoberfest|oktoberfest|phallic|pissed|pistol|"
    "poker|poo|poop|pub|puke|revolver|roflmao|rum|sake|sexual|sexy|shit|shitface|simp|smoking|"
    "strip|sucker|sucks|suggestive|sword|swords|tequila|terrorism|thong|thongs|tipsy|tobacco|"
    "trolling|turd|vaping|vice|violence|virgin|vomit|vomiting|walking dead|weapon|weed|whiskey|"
    "whisky|wine"
)


def pictures(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All pictures (n, 64, 64, 3), and of each the number of its concept and of its rendering."""
    packed = np.load(folder / "emoji64.npz")
    meta = json.loads(str(packed["meta"]))
    height, width, parts = meta["h"], meta["w"], []
    for name in sorted(name for name in packed.files if name.startswith("pack_")):
        mosaic = np.asarray(Image.open(io.BytesIO(packed[name].tobytes())).convert("RGB"))
        rows = mosaic.reshape(-1, height, mosaic.shape[1] // width, width, 3)
        parts.append(rows.swapaxes(1, 2).reshape(-1, height, width, 3)[: meta["per"]])
    return np.concatenate(parts)[: meta["n"]], packed["concept"], packed["source"]


def left_out(concept: dict, names: set[str]) -> str | None:
    """Why a concept is left out, or None. names: of all concepts."""
    name = concept["name"]
    for reason, unsuitable in UNSUITABLE.items():
        if name in unsuitable:
            return reason
    if concept["subgroup"] in ("country-flag", "subdivision-flag"):
        return "flags of countries: a seventh of all pictures, whose only tags are a country's names"
    if name.endswith("-thirty"):
        return "half hours: twelve clock faces are enough"
    # The same drawing under two names would end in train and in test.
    if name.endswith(" facing right") or name.split(":")[0] in names - {name}:
        return "variant of another concept"
    neutral = re.sub(r"\b(man|woman)\b", "person", re.sub(r"\b(men|women)\b", "people", name))
    if neutral != name and {neutral, neutral.removeprefix("person ")} & names and name not in ("man", "woman"):
        return "variant of another concept"
    if name in ("woman and man holding hands", "merman", "mermaid"):
        return "variant of another concept"
    return None


def tags(concept: dict) -> list[str]:
    """Words for a concept, from CLDR and emojilib: of letters, at least two, and fit for a classroom."""
    words = {word.strip().replace("’", "'") for word in concept["tags"] + concept["emojilib"]}
    fit = {word for word in words if len(word) > 1 and re.sub("[ '-]", "", word).isalpha()} - UNSUITABLE_TAGS
    # A name of several words is no tag: nothing else has it.
    return sorted(fit - {concept["name"]} if " " in concept["name"] else fit)


def split_of_each(n: int) -> list[str]:
    """Which split each of n concepts belongs to: a shuffle from a fixed seed."""
    train, validation = (round(share * n) for _, share in SPLITS[:2])
    labels = ["train"] * train + ["validation"] * validation + ["test"] * (n - train - validation)
    random.Random(0).shuffle(labels)
    return labels


def reduced(picture: np.ndarray) -> np.ndarray:
    """A picture of 32x32 in 64 levels for each colour: the mean of each square of four pixels."""
    small = picture.reshape(SIZE, 2, SIZE, 2, 3).mean(axis=(1, 3))
    return np.rint(small / 255 * (LEVELS - 1)).astype(np.uint8)


def pack(source: Path, target: Path) -> None:
    """Write the pack."""
    described = json.loads((source / "concepts.json").read_text(encoding="utf-8"))
    names = {concept["name"] for concept in described["concepts"]}
    kept = [number for number, concept in enumerate(described["concepts"]) if left_out(concept, names) is None]
    x, concept_of, rendering_of = pictures(source)
    place = {(int(c), int(r)): i for i, (c, r) in enumerate(zip(concept_of, rendering_of, strict=True))}
    concepts = []
    for number, split in zip(kept, split_of_each(len(kept)), strict=True):
        concept = described["concepts"][number]
        there = [r for r in range(len(described["sources"])) if (number, r) in place]
        facts = {"name": concept["name"], "group": concept["group"], "tags": tags(concept)}
        concepts.append(facts | {"split": split, "renderings": there})
    order = [place[n, r] for r in range(len(described["sources"])) for n in kept if (n, r) in place]
    target.mkdir(parents=True, exist_ok=True)
    levels = np.stack([reduced(x[i]) for i in order]).tobytes()
    (target / "pictures.xz").write_bytes(lzma.compress(levels, preset=9 | lzma.PRESET_EXTREME))
    lines = ",\n".join(json.dumps(concept, ensure_ascii=False) for concept in concepts)
    head = json.dumps(described["sources"])
    text = f'{{"size": {SIZE}, "levels": {LEVELS}, "renderings": {head}, "concepts": [\n{lines}\n]}}\n'
    (target / "concepts.json").write_text(text, encoding="utf-8")
    print(f"{len(concepts)} concepts, {len(order)} pictures, {(target / 'pictures.xz').stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "emoji64.npz").exists():
        sys.exit("Which folder holds emoji64.npz and concepts.json? Use: tools/pack_emoji.py SOURCE")
    pack(Path(sys.argv[1]), TARGET)
