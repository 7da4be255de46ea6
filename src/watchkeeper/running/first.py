"""First: a model that nobody described, guessed from what its loggers wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.journal import Journal, served
from watchkeeper.journal.journal import RECORDED
from watchkeeper.model import Model
from watchkeeper.model.inference import infer_table
from watchkeeper.sources.engine import quoted_name
from watchkeeper.workspace import Workspace

if TYPE_CHECKING:
    from watchkeeper.model.inference import Inference

__all__ = ["models_of"]

LOOKED = 50_000  # rows
DAILY = "1d"  # where too few rows tell how often it predicts
SAID = ("prediction", "score")  # what these mean for the task, only their values tell
TEXT = "guessed"  # the fact that holds the file as it was guessed: until somebody changes it, it may be guessed again


def models_of(workspace: Workspace, now: int) -> tuple[dict[str, Model], list[str]]:
    """(every model of the workspace, what was guessed of those that have no file).

    A guess is written to ``models/<name>.yaml``. As long as nobody has touched that file and it knows no task, which
    only outcomes tell, it is guessed again when there are some.
    """
    models, notes = workspace.models(), []
    for name in workspace.state.models():
        if workspace.state.fact(name, RECORDED) is None or not _is_open(workspace, models.get(name), name):
            continue
        inference = _guess(Journal.of(workspace, name), name, now)
        if inference is None or inference.model == models.get(name):
            continue
        models[name] = inference.model
        text = inference.to_yaml()
        path = workspace.save_model(inference.model, text)
        workspace.state.set_fact(name, TEXT, text)
        notes.append(f"{path}: guessed ({inference.summary}); correct it there.")
    return models, notes


def _is_open(workspace: Workspace, model: Model | None, name: str) -> bool:
    """Whether a model has no file, or one that was guessed without a task and is as it was."""
    if model is None:
        return True
    guessed = workspace.state.fact(name, TEXT)
    return model.task is None and guessed is not None and guessed == workspace.model_text(name)


def _guess(journal: Journal, name: str, now: int) -> Inference | None:
    if not journal.predictions.exists:
        return None
    reader = served(journal, Model(name=name))
    relation = reader.rows([(-(2**62), 2**62)], now)
    if relation is None:
        return None
    table = _with_outcomes(journal, reader.model, relation.limit(LOOKED).to_arrow_table())
    empty = [n for n in table.column_names if table[n].null_count == table.num_rows]
    roles = {role: column for column, role in reader.model.roles.items() if column not in empty}
    known = {role: column for role, column in roles.items() if role not in SAID}
    rows, inputs = table.drop_columns(empty), reader.types.keys()
    inference = infer_table(rows, name, "the journal", known, inputs)
    if inference.model.parsed_window.kind == "time":
        return inference
    return infer_table(rows, name, "the journal", {**known, "window": DAILY}, inputs)


def _with_outcomes(journal: Journal, model: Model, rows: pa.Table) -> pa.Table:
    """With what happened by the id alone, where no run has found yet which outcome is whose."""
    column = model.outcome
    if column is None or rows[column].null_count < rows.num_rows:
        return rows
    journal.view("known_outcome", journal.outcomes)
    journal.connection.register("looked_at", rows.select([model.id]))
    known = journal.rows(
        "SELECT id, arg_max(actual, known_at) AS actual FROM known_outcome"
        f" SEMI JOIN looked_at ON looked_at.{quoted_name(str(model.id))} = known_outcome.id GROUP BY id"
    )
    journal.connection.unregister("looked_at")
    places = pc.index_in(rows[model.id], known["id"])
    return rows.set_column(rows.schema.get_field_index(column), column, known["actual"].take(places))
