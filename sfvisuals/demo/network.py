"""A small network for small images: two hidden layers, its confidence head, its passes with dropout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from scipy.special import softmax
from sklearn.neural_network import MLPClassifier, MLPRegressor

from sfvisuals.demo.corruptions import noise
from sfvisuals.types import FloatArray, IntArray

HIDDEN = (64, 32)
EPOCHS = 40
HEAD_EPOCHS = 60
DROPOUT = 0.3
PASSES = 10
NOISE_SEVERITIES = (0, 2, 4)


@dataclass(frozen=True, eq=False)
class Network:
    """A trained network.

    Attributes:
        weights: one (in, out) matrix per layer.
        biases: one (out,) vector per layer.
        head: regression from the last hidden layer to the probability of the true class.
    """

    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]
    head: Any

    def latents(self, images: FloatArray) -> FloatArray:
        """(n, 32) activations of the last hidden layer of images (n, height, width)."""
        return forward(images, self.weights[:-1], self.biases[:-1])

    def logits(self, latents: FloatArray) -> FloatArray:
        """(n, d) outputs before the softmax."""
        out: FloatArray = latents @ self.weights[-1] + self.biases[-1]
        return out

    def confidence(self, latents: FloatArray) -> FloatArray:
        """(n,) what the head expects the probability of the true class to be, 0 to 1."""
        expected: FloatArray = np.clip(self.head.predict(latents), 0.0, 1.0)
        return expected


@dataclass(frozen=True, eq=False)
class Passes:
    """Outputs of M passes with dropout: logits (n, d, M) and head (n, M)."""

    logits: FloatArray
    confidence: FloatArray


def forward(
    images: FloatArray, weights: tuple[FloatArray, ...], biases: tuple[FloatArray, ...]
) -> FloatArray:
    """Activations after these layers, each of them linear and then max(0, x)."""
    out = images.reshape(len(images), -1)
    for matrix, vector in zip(weights, biases, strict=True):
        out = np.maximum(out @ matrix + vector, 0.0)
    return out


def train(images: FloatArray, labels: IntArray, *, seed: int) -> Network:
    """Fit the classifier on clean images (n, height, width), then its confidence head.

    The head is fitted on noisy copies, with and without dropout: on what it was trained on, the classifier is
    always right, so there would be nothing to learn (Corbière et al. 2019 meet the same difficulty).
    """
    flat = images.reshape(len(images), -1)
    classifier = MLPClassifier(
        hidden_layer_sizes=HIDDEN, learning_rate_init=0.003, batch_size=64, random_state=seed
    )
    for _ in range(EPOCHS):
        classifier.partial_fit(flat, labels, classes=np.unique(labels))
    weights, biases = tuple(classifier.coefs_), tuple(classifier.intercepts_)
    chance = np.random.default_rng(seed)
    copies = np.concatenate([noise(images, severity, chance) for severity in NOISE_SEVERITIES])
    whole = forward(copies, weights[:-1], biases[:-1])
    latents = np.concatenate([whole, dropped(whole, chance)])
    probabilities = softmax(latents @ weights[-1] + biases[-1], axis=1)
    truth = np.tile(labels, 2 * len(NOISE_SEVERITIES))
    head = MLPRegressor(hidden_layer_sizes=(32,), learning_rate_init=0.003, random_state=seed)
    for _ in range(HEAD_EPOCHS):
        head.partial_fit(latents, probabilities[np.arange(len(truth)), truth])
    return Network(weights, biases, head)


def dropped(latents: FloatArray, chance: Generator) -> FloatArray:
    """The activations with a random share of them set to 0 and the rest scaled up to the same mean."""
    return latents * (chance.random(latents.shape) >= DROPOUT) / (1 - DROPOUT)


def passes_with_dropout(network: Network, latents: FloatArray, chance: Generator) -> Passes:
    """M passes with dropout on the last hidden layer.

    The network was trained without dropout, so this illustrates Monte-Carlo dropout (Gal and Ghahramani 2016)
    and does not estimate a posterior.
    """
    kept = [dropped(latents, chance) for _ in range(PASSES)]
    return Passes(
        np.stack([network.logits(k) for k in kept], axis=2),
        np.stack([network.confidence(k) for k in kept], axis=1),
    )
