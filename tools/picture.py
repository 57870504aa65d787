"""Draw the README's picture, Figure 1 of Goodfellow et al. 2014 as trained in lesson 04: `make picture`."""

from pathlib import Path

from course_lib import figures
from course_lib.experiments.lessons import figure_one
from course_lib.figures.style import png

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "picture.png"

if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_bytes(png(figures.figure_one(figure_one.four(figure_one.train()))))
    print(f"docs/{PICTURE.name}")
