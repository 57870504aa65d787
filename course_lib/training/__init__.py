"""The trainer, on top of `play`: runs that can be stopped and taken up again, on whatever devices there are."""
