"""Work in background processes, shared by all servers and tabs: its state is on disk alone."""

from sfvisuals.background.jobs import BackgroundJobs
from sfvisuals.background.status import JobState, JobStatus, StatusReporter

__all__ = ["BackgroundJobs", "JobState", "JobStatus", "StatusReporter"]
