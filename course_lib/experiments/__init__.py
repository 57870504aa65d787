"""Trainings that lessons, decks and tests share, each with its settings in a frozen dataclass."""
