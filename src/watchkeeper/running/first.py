"""First: a model that nobody described, guessed from what its loggers wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.journal import Journal, served
from watchkeeper.model import Model
from watchkeeper.model.inference import infer_table
from watchkeeper.workspace import Workspace

if TYPE_CHECKING:
    from watchkeeper.model.inference import Inference

__all__ = ["models_of"]

LOOKED = 50_000  # rows
DAILY = "1d"  # where too few rows tell how often it predicts
TEXT = "guessed"  # the fact that holds the file as it was guessed: until somebody changes it, it may be guessed again


def models_of(workspace: Workspace, now: int) -> tuple[dict[str, Model], list[str]]:
    """(every model of the workspace, what was guessed of those that have no file).

    A guess is written to ``models/<name>.yaml``. As long as nobody has touched that file and it knows no task, which
    only outcomes tell, it is guessed again when there are some.
    """
    models, notes = workspace.models(), []
    for name in workspace.state.models():
        if workspace.state.fact(name, "recorded") is None or not _is_open(workspace, models.get(name), name):
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
    table = relation.limit(LOOKED).to_arrow_table()
    empty = [n for n in table.column_names if table[n].null_count == table.num_rows]
    roles = {role: column for column, role in reader.model.roles.items() if column not in empty}
    known = {key: column for key, column in roles.items() if key != "score" or "prediction" not in roles}
    rows = table.drop_columns(empty)
    inference = infer_table(rows, name, source="the journal", given=known)
    if inference.model.parsed_window.kind == "time":
        return inference
    return infer_table(rows, name, source="the journal", given={**known, "window": DAILY})
