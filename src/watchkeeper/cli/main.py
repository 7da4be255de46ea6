"""The entry: runs a command and turns whatever happens into one message and an exit status."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from typing import NoReturn

import click

from watchkeeper import __version__
from watchkeeper.cli.acknowledge import acknowledge
from watchkeeper.cli.backtest import backtest
from watchkeeper.cli.check import check
from watchkeeper.cli.demo import demo
from watchkeeper.cli.init import init
from watchkeeper.cli.keep import compact, forget, retain
from watchkeeper.cli.log import log, outcomes
from watchkeeper.cli.options import debug
from watchkeeper.cli.plot import plot
from watchkeeper.cli.run import run
from watchkeeper.cli.status import status
from watchkeeper.errors import WatchkeeperError

__all__ = ["commands", "main"]

FAILED = 2
INTERRUPTED = 130  # what a shell reports after Ctrl-C: 128 + SIGINT
CLOSED = 141  # and when the reader of a pipe has gone: 128 + SIGPIPE


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="watchkeeper %(version)s")
@debug
@click.pass_context
def commands(context: click.Context) -> None:
    """Watch a machine-learning model after deployment.

    Is the data right, has the world changed, is the model still right, and for whom is it wrong?

    \b
    Examples:
      watchkeeper check today.parquet --reference training.parquet
      watchkeeper check log.csv --threshold 0.5 --band "accuracy >= 0.88" --report report.html
      watchkeeper init training.parquet
      watchkeeper demo

    Exit status: 0 nothing alarms, 1 something alarms, 2 it could not run.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in (
    init, check, backtest, plot, demo, log, outcomes, run, acknowledge, status, compact, retain, forget,
):  # fmt: skip
    commands.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_status(lambda: _run(given), debug="--debug" in given))


def _run(arguments: list[str]) -> int:
    # not commands.main(): it leaves with 1, "something alarms", when the reader of a pipe has gone
    try:
        with commands.make_context("watchkeeper", arguments) as context:
            status = commands.invoke(context)
    except click.exceptions.Exit as done:
        status = done.exit_code
    sys.stdout.flush()  # a closed pipe shows here, not in the interpreter's last breath
    return status if isinstance(status, int) else 0


def _status(run: Callable[[], int], *, debug: bool) -> int:
    try:
        return run()
    except WatchkeeperError as error:
        return _failed(str(error), debug=debug)
    except click.ClickException as error:
        return _failed(_usage(error), debug=debug)
    except (KeyboardInterrupt, click.Abort):
        click.echo("watchkeeper: interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _failed(f"{place}{error.strerror or error}", debug=debug)
    except Exception as error:
        return _defect(error, debug=debug)


def _failed(message: str, *, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    click.echo(f"watchkeeper: {message}", err=True)
    return FAILED


def _usage(error: click.ClickException) -> str:
    message = error.format_message()
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{message}\nSee: {error.ctx.command_path} --help"
    return message


def _defect(error: Exception, *, debug: bool) -> int:
    """Nobody's data should lead here: say so, and keep what a developer needs."""
    if debug:
        return _failed(f"a defect in Watchkeeper: {type(error).__name__}: {error}", debug=True)
    with tempfile.NamedTemporaryFile("w", prefix="watchkeeper-", suffix=".log", delete=False) as details:
        details.write(f"watchkeeper {__version__}, Python {sys.version}\n{traceback.format_exc()}")
    return _failed(
        f"this is a defect in Watchkeeper, not in what you did: {type(error).__name__}: {error}\n"
        f"The details are in {details.name}; please report them.",
        debug=False,
    )
