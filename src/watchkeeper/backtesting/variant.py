"""Variant: the rules of a model, or what one would change about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from watchkeeper.checking.slips import check_shares
from watchkeeper.errors import ModelError
from watchkeeper.metrics import METRICS
from watchkeeper.model import Band, Model

__all__ = ["Alphas", "Bands", "Variant", "variants_of"]

Given = Mapping[str, Band | str]
Bands = Given | Sequence[Given] | None
Alphas = float | Sequence[float] | None
TIMES = (0.1, 10.0)  # of the current alpha, where none are given


@dataclass(frozen=True)
class Variant:
    """What differs from the rules as they are.

    Attributes
    ----------
    alpha : None: as it is
    bands : in the place of those with the same key, beside all others

    >>> Variant(alpha=0.001).name, Variant(bands={"accuracy": ">= 0.9"}).name, Variant().name
    ('alpha 0.001', 'band accuracy >= 0.9', 'current rules')
    """

    alpha: float | None = None
    bands: Given = field(default_factory=dict)

    @property
    def name(self) -> str:
        parts = [] if self.alpha is None else [f"alpha {self.alpha:g}"]
        parts += [f"band {key} {band}" for key, band in self.bands.items()]
        return ", ".join(parts) or "current rules"

    def of(self, model: Model) -> Model:
        """The model with these rules.

        Raises
        ------
        ModelError
            where alpha lies outside of (0, 1), or a band cannot be read or is about a segment that is not there
        """
        alpha = model.alpha if self.alpha is None else self.alpha
        given = replace(model, bands=self.bands).bands if self.bands else {}  # keys as the model spells them
        changed = replace(model, alpha=alpha, bands={**model.bands, **given})
        check_shares(changed)
        return changed

    def check(self, model: Model, told: Sequence[str] | None = ()) -> None:
        """Raise ModelError where a band names a metric that is not there.

        Parameters
        ----------
        told : what ``log.metric`` told; None where that is not known yet, so that only slips are refused
        """
        named = replace(model, bands=self.bands, expected={}, budget={}, least_effect={})
        known = {*METRICS, *(told or ())} - (set(model.kpis) - set(METRICS))
        named.check_metrics(sorted(known), told=told is None)


def variants_of(model: Model, alphas: Alphas, bands: Bands) -> tuple[Variant, ...]:
    """One variant for each alpha, and one for each set of bands.

    >>> [v.name for v in variants_of(Model(alpha=0.2), None, {"accuracy": ">= 0.9"})]
    ['alpha 0.02', 'band accuracy >= 0.9']
    """
    if alphas is None:
        alphas = [a for a in (float(f"{model.alpha * times:.12g}") for times in TIMES) if a < 1]
    listed = [bands] if isinstance(bands, Mapping) else list(bands or ())
    for given in listed:
        if not isinstance(given, Mapping) or not given:
            raise ModelError(
                f"bands: a mapping of names to bands, or a list of such, is needed, got {given!r}"
            )
    numbers = alphas if isinstance(alphas, Sequence) else [alphas]
    return (*(Variant(alpha=a) for a in numbers), *(Variant(bands=b) for b in listed))
