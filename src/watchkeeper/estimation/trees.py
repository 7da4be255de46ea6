"""Trees: what the features tell beyond a start, by gradient boosting on binned columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.link import sigmoid

__all__ = ["ERRORS", "OUTCOMES", "Fit", "Growth", "Trees", "boost"]

Floats = NDArray[np.float64]
Codes = NDArray[np.uint8]
Places = NDArray[np.intp]

PATIENCE = 8  # trees without a gain on the rows set apart before it stops
BLOCK = 8_192  # rows whose leaves are told at once, within the nearest caches


@dataclass(frozen=True)
class Growth:
    """How trees grow.

    Attributes
    ----------
    loss : "log" for outcomes that are 0 or 1, "square" for numbers
    depth : questions on the way to a leaf
    number : of trees at most
    rate : by which each tree's step is shortened
    least : sum of the loss's second derivatives in a leaf
    ridge : added to it where a leaf's value is found
    """

    loss: Literal["log", "square"]
    depth: int
    number: int
    rate: float
    least: float
    ridge: float


OUTCOMES = Growth("log", depth=3, number=80, rate=0.3, least=25.0, ridge=10.0)
# Of means over many rows the noise of single leaves cancels and what trees leave out does not: deep, and never stopped
# early: on car prices 20 % less error than with trees that stop where single rows are told best. Fewer trees,
# and questions chosen by a part of the rows, err by half as much again there.
ERRORS = Growth("square", depth=6, number=60, rate=0.3, least=10.0, ridge=1.0)


@dataclass(frozen=True)
class _Tree:
    """A full binary tree of some depth d, its nodes level by level.

    Attributes
    ----------
    feature : (2^d − 1,) which column a node asks
    right : (2^d − 1, 256) whether a code goes to the right
    value : (2^d, T) of the leaves, for each of the targets
    """

    feature: Places
    right: NDArray[np.bool_]
    value: Floats

    def leaf(self, codes: Places) -> Places:
        """(n,) leaf of each row, from codes (F, n)."""
        n = codes.shape[1]
        flat, row, width = codes.ravel(), np.arange(n), self.right.shape[1]
        table, base = self.right.ravel(), self.feature * n
        place, first = np.zeros(n, dtype=np.intp), 0
        while first < len(self.feature):
            node = place + first
            code = flat.take(base.take(node) + row)
            place = 2 * place + table.take(node * width + code)
            first = 2 * first + 1
        return place


@dataclass(frozen=True)
class Trees:
    """A sum of trees: what they add to the start of each row."""

    targets: int = 1
    trees: tuple[_Tree, ...] = field(default=(), repr=False)

    def __call__(self, codes: Codes) -> Floats:
        """(n, T) from codes (F, n)."""
        total = np.zeros((codes.shape[1], self.targets))
        for start in range(0, len(total), BLOCK):
            part = codes[:, start : start + BLOCK].astype(np.intp)
            for tree in self.trees:
                total[start : start + BLOCK] += tree.value[tree.leaf(part)]
        return total


@dataclass(frozen=True)
class Fit:
    """Trees, and by which share they lowered the loss on rows that they had not seen (0 where none were set apart)."""

    trees: Trees
    gain: float


def boost(
    codes: Codes,
    ordered: Sequence[bool],
    target: Floats,
    start: Floats,
    growth: Growth,
    apart: NDArray[np.bool_] | None = None,
) -> Fit:
    """Grow trees one after the other, each on what those before it left.

    Several targets share their trees: each in turn decides a tree's questions, the first every other time, and all
    have values in its leaves.

    Parameters
    ----------
    codes : (F, n) bins of the features
    ordered : (F,) whether a feature's codes are in an order, or categories
    target, start : (n, T) what is to be met, and the log-odds or numbers that the trees add to
    apart : (n,) rows that only decide how many trees are kept; None: all of ``growth.number``

    Source: Friedman (2001), "Greedy function approximation"; second order as in Chen and Guestrin (2016), "XGBoost".
    """
    held = np.zeros(len(target), np.bool_) if apart is None else apart
    run = _Run(np.ascontiguousarray(codes[:, ~held]), ordered, target[~held], start[~held].copy(), growth)
    unseen, truth, score = codes[:, held].astype(np.intp), target[held], start[held].copy()
    trees: list[_Tree] = []
    losses = [_loss(truth, score, growth)]
    while len(trees) < growth.number and (apart is None or len(trees) - int(np.argmin(losses)) <= PATIENCE):
        trees.append(run.step(_turn(len(trees), target.shape[1])))
        if apart is not None:
            score += trees[-1].value[trees[-1].leaf(unseen)]
            losses.append(_loss(truth, score, growth))
    kept = len(trees) if apart is None else int(np.argmin(losses))
    gain = 1 - losses[kept] / losses[0] if apart is not None and losses[0] > 0 else 0.0
    return Fit(Trees(target.shape[1], tuple(trees[:kept])), gain)


def _turn(tree: int, targets: int) -> int:
    return 0 if tree % 2 == 0 or targets == 1 else 1 + tree // 2 % (targets - 1)


def _loss(truth: Floats, score: Floats, growth: Growth) -> float:
    if not truth.size:
        return 0.0
    if growth.loss == "log":
        return float(np.mean(np.logaddexp(0.0, score) - truth * score))
    return float(np.mean((truth - score) ** 2))


@dataclass
class _Run:
    """The state between steps; ``score`` (n, T) is what the trees so far say."""

    codes: Codes
    ordered: Sequence[bool]
    target: Floats
    score: Floats
    growth: Growth

    def __post_init__(self) -> None:
        self.columns = self.codes.astype(np.intp)
        self.size = int(self.codes.max(initial=0)) + 1

    def step(self, turn: int) -> _Tree:
        """A tree whose questions are those of the target in turn."""
        slope, curve = self._derivatives()
        g, h = np.ascontiguousarray(slope[:, turn]), np.ascontiguousarray(curve[:, turn])
        place, sums = np.zeros(len(g), dtype=np.intp), None
        features, rights = [], []
        for level in range(self.growth.depth):
            sums = self._sums(place, g, h, 1 << level, sums)
            feature, right = self._questions(sums, 1 << level)
            code = self.columns[feature[place], np.arange(len(place))]
            place = 2 * place + right[place, code]
            features.append(feature)
            rights.append(right)
        value = self._values(place, slope, curve)
        self.score += value[place]
        return _Tree(np.concatenate(features), np.concatenate(rights), value)

    def _derivatives(self) -> tuple[Floats, Floats]:
        if self.growth.loss == "square":
            return self.target - self.score, np.broadcast_to(1.0, self.score.shape)
        p = sigmoid(self.score)
        return self.target - p, p * (1 - p)

    def _values(self, place: Places, slope: Floats, curve: Floats) -> Floats:
        """(leaves, T)"""
        leaves = 1 << self.growth.depth
        g, h = (np.stack([np.bincount(place, w, leaves) for w in part.T], axis=1) for part in (slope, curve))
        return self.growth.rate * g / (h + self.growth.ridge)

    def _sums(self, place: Places, slope: Floats, curve: Floats, nodes: int, above: Floats | None) -> Floats:
        """(2, F, nodes, B) sums of both derivatives by feature, node and bin.

        Of two nodes below one only the smaller is counted: the other holds the rest of what is ``above`` them.
        """
        if above is None:
            return self._counted(slice(None), place, slope, curve, nodes)
        rows = np.bincount(place, minlength=nodes).reshape(-1, 2)
        smaller = np.argmin(rows, axis=1)
        chosen = np.flatnonzero(smaller[place >> 1] == place & 1)
        counted = self._counted(chosen, place[chosen] >> 1, slope[chosen], curve[chosen], nodes // 2)
        rest, right = above - counted, (smaller == 1)[:, None]
        both = np.stack([np.where(right, rest, counted), np.where(right, counted, rest)], axis=3)
        return both.reshape(2, len(self.columns), nodes, self.size)

    def _counted(
        self, rows: Places | slice, place: Places, slope: Floats, curve: Floats, nodes: int
    ) -> Floats:
        size, base = self.size, place * self.size
        weights = None if self.growth.loss == "square" else curve
        sums = np.empty((2, len(self.columns), nodes * size))
        for f, column in enumerate(self.columns):
            key = base + column[rows]
            sums[0, f] = np.bincount(key, slope, nodes * size)
            sums[1, f] = np.bincount(key, weights, nodes * size)
        return sums.reshape(2, len(self.columns), nodes, size)

    def _questions(self, sums: Floats, nodes: int) -> tuple[Places, NDArray[np.bool_]]:
        """The best question of each node; one that nothing gains by sends all rows to the left."""
        size = self.size
        g, h = (np.moveaxis(part, 0, 1).copy() for part in sums)
        orders: dict[int, Places] = {}
        for f in np.flatnonzero(~np.asarray(self.ordered)).tolist():
            orders[f] = np.argsort(g[:, f] / (h[:, f] + self.growth.ridge), axis=1)
            for part in (g, h):
                part[:, f] = np.take_along_axis(part[:, f], orders[f], 1)
        gain = self._gains(g, h).reshape(nodes, -1)
        right = np.zeros((nodes, 256), dtype=np.bool_)
        if not gain.shape[1]:
            return np.zeros(nodes, dtype=np.intp), right
        feature, cut = np.divmod(gain.argmax(axis=1), size - 1)
        for node in np.flatnonzero(gain.max(axis=1) > 0):
            f = int(feature[node])
            order = orders[f][node] if f in orders else np.arange(size)
            right[node, order[cut[node] + 1 :]] = True
        return feature, right

    def _gains(self, g: Floats, h: Floats) -> Floats:
        """(nodes, F, B − 1) what a cut after each of the bins in their order gains; 0 where a side is too small."""
        ridge, least = self.growth.ridge, self.growth.least
        left, rows = np.cumsum(g, axis=-1), np.cumsum(h, axis=-1)
        gl, hl = left[..., :-1], rows[..., :-1]
        gr, hr = left[..., -1:] - gl, rows[..., -1:] - hl
        gain = gl**2 / (hl + ridge) + gr**2 / (hr + ridge)
        gain -= left[..., -1:] ** 2 / (rows[..., -1:] + ridge)
        gain[(hl < least) | (hr < least)] = 0.0
        done: Floats = gain
        return done
