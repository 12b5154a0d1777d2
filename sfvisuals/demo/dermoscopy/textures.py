"""Textures that every image takes pieces of: smooth noise, meshes and dots, made once per process.

A texture is (512, 512) float32 and joins itself at its edges. Lengths are pixels of the fine canvas, which
has twice the resolution of the finished image. Everything here is fixed: no seed but its own.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

Field: TypeAlias = npt.NDArray[np.float32]

TILE: Final = 512


def piece(texture: Field, size: int, chance: Generator) -> Field:
    """(size, size) piece of a texture from a random place, mirrored at random; a view."""
    top, left, mirrored = chance.integers(0, (TILE - size, TILE - size, 4))
    found = texture[top : top + size, left : left + size]
    return found[:: 1 if mirrored & 1 else -1, :: 1 if mirrored & 2 else -1]


@lru_cache(maxsize=16)
def noise(scale: float, layer: int = 0) -> Field:
    """Gaussian noise, smoothed over `scale` pixels, mean 0, standard deviation 1."""
    chance = np.random.default_rng([271, round(scale * 100), layer])
    frequency = np.fft.fftfreq(TILE)[:, None] ** 2 + np.fft.rfftfreq(TILE)[None, :] ** 2
    damping = np.exp(-2 * (np.pi * scale) ** 2 * frequency)
    smooth = np.fft.irfft2(np.fft.rfft2(chance.standard_normal((TILE, TILE))) * damping, s=(TILE, TILE))
    return _frozen((smooth - smooth.mean()) / smooth.std())


@lru_cache(maxsize=1)
def furrows() -> Field:
    """Skin lines: 1 in the furrow, 0 on the plateaus between them."""
    nearest, second = _distances(_lattice(17.0, 0.8, 5), stretch=0.55)
    return _frozen(np.exp(-(((second - nearest) / 2.0) ** 2)))


@lru_cache(maxsize=4)
def mesh(width: float) -> Field:
    """Pigment network with holes of that width: 1 on its lines, 0 in its holes."""
    nearest, second = _distances(_lattice(width, 0.9, round(width)))
    lines = np.exp(-(((second - nearest) / (0.26 * width)) ** 2))
    return _frozen(lines * np.clip(0.85 + 0.25 * noise(10.0, 16), 0.2, 1.3))


@lru_cache(maxsize=1)
def atypical_mesh() -> Field:
    """Pigment network that is wide and uneven, with broken thick lines; values as of `mesh`."""
    nearest, second = _distances(_lattice(15.0, 1.25, 8))
    width = 3.6 + 1.5 * noise(10.0, 3)
    lines = np.exp(-(((second - nearest) / np.maximum(width, 1.2)) ** 2))
    return _frozen(lines * np.clip(0.75 + 0.45 * noise(24.0, 4), 0.1, 1.3))


@lru_cache(maxsize=8)
def dots(spacing: float, radius: float, uneven: float) -> Field:
    """Round dots: 1 in their middle, 0 outside. `uneven` (0 to 1): how much place and radius differ."""
    points = _lattice(spacing, 0.3 + 0.7 * uneven, 11)
    chance = np.random.default_rng(12)
    radii = radius * np.exp(0.5 * uneven * chance.standard_normal(len(points)))
    nearest, _, index = _nearest(points)
    return _frozen(np.clip(1.6 - 1.2 * nearest / radii[index], 0.0, 1.0))


def _lattice(spacing: float, jitter: float, seed: int) -> npt.NDArray[np.float64]:
    """(n, 2) points of a triangular lattice over the tile, each moved by up to `jitter` of the spacing."""
    chance = np.random.default_rng(seed)
    columns = round(TILE / spacing)
    rows = 2 * round(TILE / (spacing * np.sqrt(3)))
    x = (np.arange(columns)[None, :] + 0.5 * (np.arange(rows)[:, None] % 2)) * (TILE / columns)
    y = np.broadcast_to(np.arange(rows)[:, None] * (TILE / rows), x.shape)
    points = np.stack([y.ravel(), x.ravel()], axis=1)
    moved: npt.NDArray[np.float64] = np.mod(
        points + spacing * jitter * chance.uniform(-0.5, 0.5, points.shape), TILE
    )
    return moved


def _nearest(
    points: npt.NDArray[np.float64], stretch: float = 1.0
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    """Distance to the nearest point and to the second nearest, and which is the nearest; (512, 512) each."""
    from scipy.spatial import cKDTree

    scale = np.array([stretch, 1.0])
    tree = cKDTree(points * scale, boxsize=TILE * scale)
    grid = np.stack(np.meshgrid(np.arange(TILE), np.arange(TILE), indexing="ij"), axis=-1)
    found = tree.query(grid.reshape(-1, 2) * scale, k=2)
    distance, index = (np.asarray(part).reshape(TILE, TILE, 2) for part in found)
    return distance[..., 0], distance[..., 1], index[..., 0]


def _distances(
    points: npt.NDArray[np.float64], stretch: float = 1.0
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    nearest, second, _ = _nearest(points, stretch)
    return nearest, second


def _frozen(texture: npt.NDArray[np.floating]) -> Field:
    found = np.ascontiguousarray(texture, np.float32)
    found.flags.writeable = False
    return found
