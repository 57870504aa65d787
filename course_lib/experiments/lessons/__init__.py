"""The small games that lessons and lectures play."""
