"""The logger: what a service records of its model, without harm to the service."""

from watchkeeper.logger.handler import LogHandler
from watchkeeper.logger.job import Job
from watchkeeper.logger.logger import Logger
from watchkeeper.logger.watching import Watched, watch

__all__ = ["Job", "LogHandler", "Logger", "Watched", "watch"]
