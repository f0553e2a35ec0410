"""Damage done to the vjp rules, one piece at a time, to see that the tests notice: ``python -m tests.mutation``."""
