"""Maps of the latents: PCA at once, UMAP in a background process, and how far to trust each point."""

from sfvisuals.projection.compute import compute_projection
from sfvisuals.projection.jobs import JobState, JobStatus, ProjectionJobs
from sfvisuals.projection.pca import pca_projection
from sfvisuals.projection.record import Projection, ProjectionKind, UmapSettings

__all__ = [
    "JobState",
    "JobStatus",
    "Projection",
    "ProjectionJobs",
    "ProjectionKind",
    "UmapSettings",
    "compute_projection",
    "pca_projection",
]
