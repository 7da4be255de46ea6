"""Explaining: why performance fell: what broke, what moved, what changed, what is not known."""

from watchkeeper.explaining.explain import Explainer
from watchkeeper.explaining.sentence import said_of, where_of
from watchkeeper.explaining.why import Cause, Portion, Why

__all__ = ["Cause", "Explainer", "Portion", "Why", "said_of", "where_of"]
