"""Inference: a guess of a model from data, with a reason for every key."""

from watchkeeper.model.inference.guess import Inference
from watchkeeper.model.inference.infer import Data, infer, infer_table

__all__ = ["Data", "Inference", "infer", "infer_table"]
