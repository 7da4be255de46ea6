"""Object store: what delta-rs is told of it, and what is said where it cannot be used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from watchkeeper.errors import WorkspaceError

__all__ = ["is_remote", "reaching", "storage_of", "unreachable"]

PATIENCE = {"connect_timeout": "5s", "retry_timeout": "20s"}
"""Beside delta-rs's ten retries. Its own 180 s are longer than a lease."""
PASSED_ON = ". Detail:"  # Arrow says everything once more behind it, with a traceback
FIRST = {"timeout": "10s"}  # of the small requests that tell whether there is a table
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
SERVER = re.compile(r"https?://(?:[^/\s@]*@)?([^/\s?]+)")
STATUS = re.compile(r"\b[3-5]\d\d [A-Z][A-Za-z ]+")
BODY = re.compile(r"<Code>([^<]*)</Code>.*?<Message>([^<]*)</Message>", re.DOTALL)
SECRET = re.compile(r"key|secret|token|password|sas|credential|account", re.IGNORECASE)
LEAST = 4  # characters of a secret: in place of a single one, every letter would go
DENIED = re.compile(r"\b40[13] |AccessDenied|SignatureDoesNotMatch|InvalidAccessKeyId|AuthenticationFailed")
MISSING = re.compile(r"\b404 |NoSuchBucket|ContainerNotFound")
UNTOLD = re.compile(
    r"/latest/api/token|/latest/meta-data|/computeMetadata|must be specified|metadata/identity"
)
UNSET = re.compile(r"failed to parse|Unknown scheme|[Cc]onfig error|[Ii]nvalid")


class _Keys(NamedTuple):
    """What the user may write under ``storage``, and the variables of the environment that say the same."""

    credentials: str
    variables: str
    endpoint: str
    endpoint_variable: str


S3 = _Keys("access_key_id and secret_access_key", "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", "endpoint_url",
           "AWS_ENDPOINT_URL")  # fmt: skip
AZURE = _Keys("account_name and account_key", "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY", "endpoint",
              "AZURE_STORAGE_ENDPOINT")  # fmt: skip
GOOGLE = _Keys("google_service_account", "GOOGLE_SERVICE_ACCOUNT", "google_base_url", "GOOGLE_BASE_URL")
KEYS = {**dict.fromkeys(("az", "azure", "abfs", "abfss", "adl"), AZURE), "gs": GOOGLE, "gcs": GOOGLE}


def is_remote(url: str) -> bool:
    """Whether an address is that of an object store.

    >>> is_remote("s3://bucket/journal"), is_remote("/data/journal"), is_remote("file:///data/journal")
    (True, False, False)
    """
    return "://" in url and not url.startswith("file://")


def storage_of(url: str, options: Mapping[str, str], *, first: bool = False) -> dict[str, str] | None:
    """What delta-rs is told: what the user says goes before our patience.

    Parameters
    ----------
    first : of a request that only asks whether there is a table
    """
    if not is_remote(url):
        return dict(options) or None
    given = {key.lower() for key in options}
    ours = {**PATIENCE, **(FIRST if first else {})}
    return {**{key: value for key, value in ours.items() if key not in given}, **options}


@contextmanager
def reaching(url: str, options: Mapping[str, str]) -> Iterator[None]:
    """Say in one message why a store cannot be used, and what would help; secrets are left out.

    Raises
    ------
    WorkspaceError
        in place of what delta-rs raises; of a folder that goes on as it is
    """
    from deltalake.exceptions import TableNotFoundError

    try:
        yield
    except (OSError, TableNotFoundError) as error:
        if not is_remote(url):
            raise
        raise unreachable(url, options, str(error)) from None


def unreachable(url: str, options: Mapping[str, str], said: str) -> WorkspaceError:
    """What to raise for what delta-rs, or whoever passed it on, said of a store."""
    text = COLOURS.sub("", said.split(PASSED_ON)[0])
    return WorkspaceError(
        f"{_bare(url)}: the object store of the journal cannot be used: {_cause(text, options)}; {_fix(url, text)};"
        " then repeat: nothing is lost"
    )


def _bare(url: str) -> str:
    """Without a user, a password and a query.

    >>> _bare("s3://me:secret@bucket/journal?sig=secret")
    's3://bucket/journal'
    """
    return re.sub(r"//[^/@]*@", "//", url.split("?")[0])


def _cause(text: str, options: Mapping[str, str]) -> str:
    """The innermost reason, and which server it is about."""
    body, status, server = BODY.search(text), STATUS.search(text), SERVER.search(text)
    lines = [line.strip(" ↳\t") for line in text.splitlines() if line.strip(" ↳\t")]
    cause = status[0].strip() if status else lines[-1] if lines else "delta-rs says nothing"
    cause += f", {body[1]}: {body[2].rstrip('.')}" if body else ""
    for key, value in options.items():
        if SECRET.search(key) and len(value) >= LEAST:
            cause = cause.replace(value, "…")
    return f"{cause} ({server[0].split('://')[0]}://{server[1]})" if server else cause


def _fix(url: str, text: str) -> str:
    keys, file = KEYS.get(url.split("://")[0], S3), "under storage: in watchkeeper.yaml"
    credentials = f"{keys.credentials} {file}, or {keys.variables} in the environment"
    if UNTOLD.search(text):
        return f"it was told no credentials: give {credentials}"
    if "URL scheme is not allowed" in text:
        return f"write allow_http: true {file}, or give an address that begins with https"
    if MISSING.search(text):
        return "make the bucket, or correct journal: in watchkeeper.yaml"
    if DENIED.search(text):
        return f"check {credentials}, and that they may list, read and write there"
    if UNSET.search(text):
        return "correct journal: and storage: in watchkeeper.yaml"
    where = f"{keys.endpoint} {file}, or {keys.endpoint_variable} in the environment"
    return f"check {where}, and that this machine reaches it"
