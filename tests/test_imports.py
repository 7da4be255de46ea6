"""`import watchkeeper` is light: nothing heavy is loaded before it is used."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "altair", "click", "duckdb", "IPython", "matplotlib", "narwhals", "pandas", "polars", "pyspark", "rich",
    "ruamel", "scipy.stats", "sklearn", "vl_convert",
}  # fmt: skip


def loaded_by(statement: str) -> set[str]:
    program = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_import_is_light() -> None:
    assert loaded_by("import watchkeeper") & HEAVY == set()


@pytest.mark.parametrize("name", ["Model", "Band", "Bins", "Where", "WatchkeeperError"])
def test_describing_a_model_is_light(name: str) -> None:
    assert loaded_by(f"import watchkeeper as wk; wk.{name}") & (HEAVY - {"ruamel"}) == set()


def test_the_command_line_is_light_until_it_works() -> None:
    assert loaded_by("import watchkeeper.cli") & (HEAVY - {"click"}) == set()


def test_logging_is_light() -> None:
    heavy = HEAVY | {"numpy", "pyarrow", "deltalake", "sqlalchemy", "scipy"}
    assert loaded_by("from watchkeeper.logger import Logger") & heavy == set()
    assert loaded_by("import watchkeeper as wk; wk.Logger, wk.watch, wk.LogHandler") & heavy == set()


def test_logging_costs_little_more_than_what_it_stands_on() -> None:
    """Some 50 ms altogether: ``python -m benchmarks logger`` measures it."""

    def seconds(statement: str) -> float:
        probe = f"import time; start = time.process_time(); {statement}; print(time.process_time() - start)"
        return min(float(subprocess.check_output([sys.executable, "-c", probe])) for _ in range(4))

    assert seconds("from watchkeeper.logger import Logger") < 2.5 * seconds("import logging, msgspec")


def test_the_probe_sees_what_is_loaded() -> None:
    assert "click" in loaded_by("import click") & HEAVY


def test_every_public_name_is_there() -> None:
    import watchkeeper

    assert all(getattr(watchkeeper, name) is not None for name in watchkeeper.__all__)
    assert set(watchkeeper.__all__) <= set(dir(watchkeeper))
    with pytest.raises(AttributeError, match="no attribute 'chek'"):
        watchkeeper.chek  # noqa: B018 - the access is the test


def test_check_is_the_function_whatever_was_imported_before() -> None:
    order = (
        "import watchkeeper as wk; from watchkeeper.checking import check; assert wk.check is check, wk.check"
    )
    assert "watchkeeper.checking" in loaded_by(order)


def test_a_service_that_logs_loads_only_what_its_first_call_needs() -> None:
    later = {"hashlib", "watchkeeper.logger.handler", "watchkeeper.logger.privacy", "watchkeeper.wal.reading"}
    assert loaded_by("import watchkeeper.logger") & later == set()
    assert loaded_by("import watchkeeper as wk; wk.Logger") & later == set()
