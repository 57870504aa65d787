"""What the ledger says of several trainings that differ in their seed: the numbers behind a lesson's bands."""

from course_lib.training import ledger


def recorded(experiment: str, number: str, **settings: object) -> list[float]:
    """That number of each recorded training with these settings, one a seed, in the order of the seeds.

    Of several records of one seed the newest counts. Raises LookupError, naming the command, where there is none.
    """
    by_seed = {
        line["seed"]: line["numbers"][number]
        for line in ledger.lines()
        if line["experiment"] == experiment
        and number in line["numbers"]
        and all(line["settings"].get(name) == value for name, value in settings.items())
    }
    if not by_seed:
        raise LookupError(
            f"The ledger has no {number} of {experiment} with {settings}. Run: gan-course reproduce {experiment}"
        )
    return [by_seed[seed] for seed in sorted(by_seed)]
