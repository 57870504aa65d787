"""What is said where a package that only a part of the course needs is not installed."""


class NotInstalled(ModuleNotFoundError):
    """A package is missing that the library does without until now; the message says what for, and what to do."""

    def __init__(self, package: str, wanted_for: str):
        super().__init__(
            f"{wanted_for} needs the package {package}, which is not installed. `pip install {package}` adds it; "
            "`pip install -e '.[course]'`, in the course's folder, all that the lessons need.",
            name=package,
        )
