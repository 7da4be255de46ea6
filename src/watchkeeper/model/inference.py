"""Inference: a guess of a model from data, with a reason for every key."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from watchkeeper.model.model import Model

__all__ = ["Data", "Inference", "infer", "infer_table"]

Data = object


@dataclass(frozen=True)
class Inference:
    model: Model
    reasons: dict[str, str] = field(default_factory=dict)


def infer(data: Data, name: str | None = None) -> Inference:
    from watchkeeper.sources import head

    return infer_table(head(data), name or "model")


def infer_table(table: pa.Table, name: str = "model") -> Inference:
    return Inference(Model(name=name))
