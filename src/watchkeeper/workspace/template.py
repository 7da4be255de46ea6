"""What a new workspace begins with."""

from __future__ import annotations

__all__ = ["IGNORED", "SETTINGS"]

SETTINGS = """\
# A workspace of Watchkeeper: where the state and the journal of its models lie. Every key is optional.
# Models have files of their own, models/<name>.yaml. ${NAME} stands for an environment variable.

# What is small and transactional: a path, or a database for several machines.
# state: postgresql://watchkeeper:${WATCHKEEPER_PASSWORD}@db.example.org/monitoring
state: state.db

# Predictions, outcomes, profiles and verdicts, as Delta tables: a path, or an object store.
# journal: s3://bucket/watchkeeper
journal: journal

# What the object store needs to know, as delta-rs names it.
# storage:
#   AWS_REGION: eu-central-1
#   AWS_ACCESS_KEY_ID: ${AWS_ACCESS_KEY_ID}
#   AWS_SECRET_ACCESS_KEY: ${AWS_SECRET_ACCESS_KEY}

# How text logs are read: names and their patterns.
# patterns:
#   scored: 'scored {id}: {score}'
"""

IGNORED = """\
# models/ and watchkeeper.yaml belong under version control; these do not
/wal/
/journal/
/state.db*
/secret
"""
