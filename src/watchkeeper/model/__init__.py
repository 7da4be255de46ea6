"""Model: what is watched, as Python and as YAML; and the guess of one from data."""

from watchkeeper.model.band import Band
from watchkeeper.model.band_key import BandKey
from watchkeeper.model.configuration import reference
from watchkeeper.model.inference import Inference, infer, infer_table
from watchkeeper.model.label import Label, label_name, label_of
from watchkeeper.model.model import Model
from watchkeeper.model.positive import positive_of
from watchkeeper.model.segment import CROSS, Bins, Part, Segment, Split, Where
from watchkeeper.model.span import ReferenceRule
from watchkeeper.model.truth import Truth
from watchkeeper.model.window import Window

__all__ = [
    "CROSS", "Band", "BandKey", "Bins", "Inference", "Label", "Model", "Part", "ReferenceRule", "Segment", "Split",
    "Truth", "Where", "Window", "infer", "infer_table", "label_name", "label_of", "positive_of", "reference",
]  # fmt: skip
