"""The command line: `gan-course doctor`, `gan-course data mnist`."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import tyro

from course_lib.data import DataError, data_folder, download
from course_lib.doctor import examine

DataName = Literal["mnist", "fashion", "cifar10", "svhn"]


def doctor() -> int:
    """Look at this computer: versions, device, data, widgets, Chromium. Each is OK, or says what to do."""
    findings = examine()
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        print(f"{finding.mark:4}  {finding.what:{width}}  {finding.says}")
    broken = [finding.what for finding in findings if finding.mark == "BAD"]
    print(f"\nNot in order: {', '.join(broken)}." if broken else "\nReady: `make lab` opens the course.")
    return 1 if broken else 0


def data(
    name: Annotated[DataName, tyro.conf.Positional],
    folder: Annotated[Path | None, tyro.conf.arg(help="where to; $GAN_COURSE_DATA or ./data if not given")] = None,
) -> int:
    """Download a data set, with a progress bar; what arrives damaged is not kept."""
    folder = folder or data_folder()
    try:
        download(name, folder)
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{name}: in {folder}")
    return 0


def main() -> None:
    """Entry point of the command `gan-course`."""
    sys.exit(
        tyro.extras.subcommand_cli_from_dict(
            {"doctor": doctor, "data": data},
            prog="gan-course",
            description="The GAN course from the command line.",
        )
    )


if __name__ == "__main__":
    main()
