"""A workspace: what lies where, and whose name is whose file."""

from __future__ import annotations

import multiprocessing
import os
import stat
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watchkeeper.errors import ModelError, WorkspaceError
from watchkeeper.model import Model
from watchkeeper.wal import file_name
from watchkeeper.workspace import Settings, Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "ws", create=True)


def settings(workspace: Workspace, text: str) -> Workspace:
    (workspace.folder / "watchkeeper.yaml").write_text(text, encoding="utf-8")
    return Workspace.open(workspace.folder)


def test_a_new_one_has_everything_in_its_folder(workspace: Workspace) -> None:
    folder = workspace.folder
    assert sorted(p.name for p in folder.iterdir()) == [".gitignore", "models", "wal", "watchkeeper.yaml"]
    assert (workspace.wal, workspace.journal_url) == (folder / "wal", str(folder / "journal"))
    assert (workspace.storage_options, workspace.models()) == ({}, {})
    assert repr(workspace) == f"Workspace({str(folder)!r})"
    with workspace:
        assert workspace.state.name == str(folder / "state.db")
    assert (folder / "state.db").exists()


def test_the_template_says_what_is_so_without_it(workspace: Workspace) -> None:
    assert Workspace.open(workspace.folder).settings == Settings()


def test_creating_again_changes_nothing(workspace: Workspace) -> None:
    text = "# mine\njournal: elsewhere\n"
    settings(workspace, text)
    Workspace.open(workspace.folder, create=True)
    assert (workspace.folder / "watchkeeper.yaml").read_text() == text


@pytest.mark.parametrize("there", [True, False])
def test_another_folder_is_none(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "ws"
    if there:
        folder.mkdir()
    found = "neither watchkeeper.yaml nor wal/" if there else "there is no such folder"
    with pytest.raises(WorkspaceError, match=f"ws is no workspace: .*{found}.*--workspace DIR.*wk.Logger"):
        Workspace.open(folder)


def test_where_only_a_logger_wrote_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wal").mkdir()
    monkeypatch.chdir(tmp_path)
    opened = Workspace.open()
    assert (opened.folder, opened.settings, opened.models()) == (tmp_path, Settings(), {})


def test_where_nothing_can_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="file: no workspace can be made there"):
        Workspace.open(tmp_path / "file", create=True)


def test_places_may_be_elsewhere(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "${NOT} again")
    text = (
        "state: ../other.db\njournal: s3://bucket/${KEY}\n"
        "storage: {AWS_SECRET_ACCESS_KEY: '${KEY}', allow_http: true, retries: 3}\npatterns: {a: [1], b: {}}\n"
    )
    opened = settings(workspace, text)
    assert opened.journal_url == "s3://bucket/${NOT} again"
    assert opened.storage_options == {
        "AWS_SECRET_ACCESS_KEY": "${NOT} again",
        "allow_http": "true",
        "retries": "3",
    }
    assert opened.settings.patterns == {"a": [1], "b": {}}
    with opened:
        opened.state.set_fact("m", "k", 1)
    assert (tmp_path / "other.db").exists()


@pytest.mark.parametrize(
    "state", ["sqlite:///mine.db", "mine.db", "sqlite:///{folder}/mine.db", "{folder}/mine.db"]
)
def test_the_state_lies_in_the_folder_wherever_one_stands(workspace: Workspace, state: str) -> None:
    with settings(workspace, f"state: {state.format(folder=workspace.folder)}") as opened:
        assert opened.state.name == str(workspace.folder / "mine.db")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("jurnal: x", "unknown key 'jurnal'; did you mean 'journal'\\?"),
        ("database: x", "unknown key 'database'; did you mean 'state'\\?"),
        ("nonsense: x", "unknown key 'nonsense'; valid are state, journal, storage, patterns"),
        ("state: [a]", "state: a path or a URL is needed, got \\['a'\\]"),
        ("journal: ''", "journal: a path or a URL is needed"),
        ("storage: x", "storage: a mapping of names is needed, got 'x'"),
        ("storage: {a: [1]}", "storage: a: text is needed"),
        ("patterns: 3", "patterns: a mapping of names is needed"),
        ("- a", "a mapping of keys such as 'state: state.db' is needed"),
        ("a: b: c", "line 1: not YAML"),
        ("a: 1\na: 2", "line 2: not YAML"),
    ],
)
def test_what_is_wrong_is_named(workspace: Workspace, text: str, says: str) -> None:
    with pytest.raises(WorkspaceError, match=f"watchkeeper.yaml.*: {says}" if "line" not in says else says):
        settings(workspace, text)


def test_keys_without_a_value_are_at_their_default(workspace: Workspace) -> None:
    assert settings(workspace, "state:\njournal: null\nstorage:\npatterns:\n").settings == Settings()
    assert settings(workspace, "").settings == Settings()


def test_a_variable_that_is_not_set_is_named(workspace: Workspace) -> None:
    opened = settings(workspace, "state: postgresql://u:${NOBODY_SET_THIS}@h/d\nstorage: {a: '${NOR_THIS}'}")
    with pytest.raises(
        WorkspaceError, match=r"yaml: state: the environment has no variable 'NOBODY_SET_THIS'; set it"
    ):
        _ = opened.state
    with pytest.raises(WorkspaceError, match="storage: a: the environment has no variable 'NOR_THIS'"):
        _ = opened.storage_options


ODD = [
    "flight delay",
    "Zürich",
    "\U0001f6f0",
    "a.b",
    "a%20b",
    "a b",
    "CON.",
    "x" * 200,
    "\U0001f6f0" * 200,
    "'\"$",
]


@pytest.mark.parametrize("name", ODD)
def test_models_of_any_name_are_found_again(workspace: Workspace, name: str) -> None:
    model = Model(name=name, window="1w")
    path = workspace.save_model(model)
    assert path.parent == workspace.folder / "models"
    assert path.name.isascii()
    assert workspace.model(name) == model
    assert workspace.models() == {name: model}


def test_models_are_told_apart(workspace: Workspace) -> None:
    for name in ODD:
        workspace.save_model(Model(name=name))
    assert list(workspace.models()) == sorted(ODD)
    assert len(list((workspace.folder / "models").iterdir())) == len(ODD)


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=300))
@example("a/b", "a%2Fb")
@example("\udc80", "?")
@example("../../etc/passwd", ".." * 100)
def test_file_names_are_safe_and_different(one: str, other: str) -> None:
    name = file_name(one)
    assert len(name) <= 200
    assert name.isascii()
    assert not set(name) & set('/\\:*?"<>| ')
    assert not name.startswith(".")
    assert (name == file_name(other)) == (one == other)


def test_saving_again_replaces(workspace: Workspace) -> None:
    first = workspace.save_model(Model(name="m", window="1w"))
    assert workspace.save_model(Model(name="m", window="1h")) == first
    assert workspace.model("m").window == "1h"
    assert [p.name for p in (workspace.folder / "models").iterdir()] == ["m.yaml"]


def test_a_file_of_another_name_stays_the_models(workspace: Workspace) -> None:
    mine = workspace.folder / "models" / "mine.yaml"
    mine.write_text("name: m\n")
    assert workspace.model("m") == Model(name="m")
    assert workspace.save_model(Model(name="m", window="1h")) == mine
    assert workspace.models() == {"m": Model(name="m", window="1h")}
    with pytest.raises(WorkspaceError, match=r"mine\.yaml is of the model 'm'; 'mine' needs another name"):
        workspace.save_model(Model(name="mine"))


def test_two_files_of_one_model_are_refused(workspace: Workspace) -> None:
    for name in ("a", "b"):
        (workspace.folder / "models" / f"{name}.yaml").write_text("name: m\n")
    with pytest.raises(
        WorkspaceError, match=r"b\.yaml: a\.yaml is of the model 'm' too; give one of them another"
    ):
        workspace.models()


def test_a_model_with_comments_keeps_them(workspace: Workspace) -> None:
    text = "name: m\nwindow: 1h  # because\n"
    assert workspace.save_model(Model(name="m", window="1h"), text).read_text() == text
    with pytest.raises(WorkspaceError, match="describes another model than 'm'; nothing was written"):
        workspace.save_model(Model(name="m"), text)
    assert workspace.model("m").window == "1h"


def test_a_model_that_is_not_there_is_told_its_neighbours(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match=r"no model 'flight'; write models/NAME\.yaml"):
        workspace.model("flight")
    workspace.save_model(Model(name="flights"))
    with pytest.raises(WorkspaceError, match=r"no model 'flight'; did you mean 'flights'\?"):
        workspace.model("flight")
    with pytest.raises(WorkspaceError, match="no model 'zzz'; there are flights"):
        workspace.model("zzz")


def test_what_is_wrong_in_one_model_does_not_stop_another(workspace: Workspace) -> None:
    workspace.save_model(Model(name="good"))
    (workspace.folder / "models" / "bad.yaml").write_text("name: bad\nalfa: 1\n")
    assert workspace.model("good").name == "good"
    with pytest.raises(ModelError, match=r"bad\.yaml.*'alfa'; did you mean 'alpha'"):
        workspace.models()


def secret_of(folder: str) -> bytes:
    return Workspace.open(folder, create=True).secret


def test_processes_that_begin_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        secrets = set(pool.map(secret_of, [str(tmp_path / "ws")] * 12, chunksize=1))
    (secret,) = secrets
    assert len(secret) == 64
    assert sorted(p.name for p in (tmp_path / "ws").iterdir()) == [
        ".gitignore",
        "models",
        "secret",
        "wal",
        "watchkeeper.yaml",
    ]
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "ws" / "secret").stat().st_mode) == 0o600
