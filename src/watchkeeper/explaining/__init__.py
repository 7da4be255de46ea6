"""Explaining: why performance fell, by bounded samples of rows: what broke, what moved, what changed, what is not known."""

from watchkeeper.explaining.explain import Explainer
from watchkeeper.explaining.why import Cause, Portion, Why

__all__ = ["Cause", "Explainer", "Portion", "Why"]
