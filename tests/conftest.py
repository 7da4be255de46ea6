"""Fixtures for all tests: a real Spark cluster."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

SOURCE = Path(__file__).parent.parent / "src"
PATIENCE = 100.0  # seconds that a daemon may take to come up on a busy machine
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # six short-lived Java processes: compile little


settings.register_profile("machine", deadline=None)  # a busy machine is no defect
settings.load_profile("machine")


def pytest_configure(config: pytest.Config) -> None:
    # PySpark warns of every pandas from 3 on; what is used of it here is tested here
    config.addinivalue_line(
        "filterwarnings", "ignore:PySpark does not yet fully support pandas:FutureWarning"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test on the cluster waits for it to come up."""
    for item in items:
        if "spark" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(400))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Cluster:
    """A Spark standalone cluster of one master and two workers on this machine, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        spec = importlib.util.find_spec("pyspark")
        assert spec is not None
        assert spec.origin is not None
        self.home = Path(spec.origin).parent
        self.folder = folder
        self.url = f"spark://127.0.0.1:{free_port()}"
        self.daemons: list[subprocess.Popen[bytes]] = []

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "SPARK_HOME": str(self.home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": str(self.folder / "work"),
            "SPARK_LOCAL_DIRS": str(self.folder / "local"), "SPARK_DAEMON_MEMORY": "512m",
            "SPARK_DAEMON_JAVA_OPTS": QUICK,
            "PYSPARK_PYTHON": sys.executable,
            "PYTHONPATH": os.pathsep.join(
                [str(SOURCE), str(SOURCE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
            ),
        }  # fmt: skip

    def start(self) -> None:
        port = self.url.rpartition(":")[2]
        self._daemon("master", "master.Master", "--host", "127.0.0.1", "--port", port, "--webui-port", "0")
        self._wait("master", r"I have been elected leader|New state: ALIVE")
        for name in ("worker-1", "worker-2"):
            options = ("--host", "127.0.0.1", "--webui-port", "0", "--cores", "1", "--memory", "1g")
            self._daemon(name, "worker.Worker", *options, self.url)
        for name in ("worker-1", "worker-2"):
            self._wait(name, "Successfully registered with master")

    def _daemon(self, name: str, kind: str, *options: str) -> None:
        command = [str(self.home / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}", *options]
        with (self.folder / f"{name}.log").open("wb") as log:
            started = subprocess.Popen(
                command, env=self.environment, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
            )
        self.daemons.append(started)

    def _wait(self, name: str, sign: str) -> None:
        log, until = self.folder / f"{name}.log", time.monotonic() + PATIENCE
        while not re.search(sign, log.read_text(errors="replace")):
            if time.monotonic() > until or any(d.poll() is not None for d in self.daemons):
                raise RuntimeError(
                    f"Spark's {name} did not come up:\n{log.read_text(errors='replace')[-2000:]}"
                )
            time.sleep(0.1)

    def stop(self) -> None:
        for daemon in reversed(self.daemons):
            os.kill(daemon.pid, signal.SIGTERM)
        for daemon in self.daemons:
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(daemon.pid, signal.SIGKILL)
                daemon.wait(10)


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session on a standalone cluster: one master, two workers of one core."""
    pytest.importorskip("pyspark")
    folder = tmp_path_factory.mktemp("spark")
    cluster = Cluster(folder)
    saved = dict(os.environ)
    try:
        cluster.start()
        os.environ.update({k: v for k, v in cluster.environment.items() if k != "PYTHONPATH"})
        session = session_on(cluster)
        try:
            yield session
        finally:
            session.stop()
            stop_gateway()
    finally:
        cluster.stop()
        os.environ.clear()
        os.environ.update(saved)


def session_on(cluster: Cluster) -> Any:
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.memory": "1g",
        "spark.executor.memory": "768m", "spark.executorEnv.PYTHONPATH": cluster.environment["PYTHONPATH"],
        "spark.ui.enabled": "false", "spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(cluster.folder / "warehouse"), "spark.log.level": "ERROR",
        "spark.ui.showConsoleProgress": "false", "spark.cores.max": "2", "spark.executor.cores": "1",
        "spark.task.maxFailures": "1",
        "spark.driver.extraJavaOptions": QUICK, "spark.executor.extraJavaOptions": QUICK,
    }  # fmt: skip
    builder = SparkSession.builder.master(cluster.url).appName("watchkeeper tests")
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def stop_gateway() -> None:
    """The Java process that the session leaves behind."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    if gateway is None:
        return
    process = getattr(gateway, "proc", None)
    gateway.shutdown()
    SparkContext._gateway = SparkContext._jvm = None
    if process is not None:
        process.stdin.close()
        process.wait(10)
