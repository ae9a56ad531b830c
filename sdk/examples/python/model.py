"""What a training loop has around it, in plain Python, so that the examples run anywhere: data in
batches, a model, an optimizer. With PyTorch these are DataLoader, nn.Module and torch.optim."""

import math
import random


def batches(size, count=256, seed=0):
    """Points in the plane, and whether each lies above a line; the same for each seed."""
    rng = random.Random(seed)
    points = []
    for _ in range(count):
        x = (rng.uniform(-1, 1), rng.uniform(-1, 1))
        noisy = rng.random() < 0.05
        points.append((x, float((0.8 * x[0] - 0.5 * x[1] + 0.1 > 0) != noisy)))
    return [points[i : i + size] for i in range(0, count, size)]


class Model:
    """Logistic regression."""

    def __init__(self, seed):
        rng = random.Random(seed)
        self.weights = [rng.gauss(0, 0.1) for _ in range(3)]

    def __call__(self, x):
        z = self.weights[0] * x[0] + self.weights[1] * x[1] + self.weights[2]
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, z))))

    def loss(self, batch):
        """The mean cross entropy, and its gradient."""
        total, gradient = 0.0, [0.0, 0.0, 0.0]
        for x, target in batch:
            p = self(x)
            total -= math.log(max(1e-12, p if target else 1 - p))
            for i, feature in enumerate((*x, 1.0)):
                gradient[i] += (p - target) * feature / len(batch)
        return total / len(batch), gradient


class SGD:
    def __init__(self, model, lr, momentum):
        self.model, self.lr, self.momentum = model, lr, momentum
        self.velocity = [0.0] * len(model.weights)

    def step(self, gradient):
        for i, slope in enumerate(gradient):
            self.velocity[i] = self.momentum * self.velocity[i] - self.lr * slope
            self.model.weights[i] += self.velocity[i]


def train_epoch(model, optimizer, data):
    total = 0.0
    for batch in data:
        loss, gradient = model.loss(batch)
        optimizer.step(gradient)
        total += loss
    return total / len(data)


def evaluate(model, data):
    """The loss and the accuracy on the validation data."""
    points = [point for batch in data for point in batch]
    loss, _ = model.loss(points)
    right = sum((model(x) > 0.5) == (target > 0.5) for x, target in points)
    return loss, right / len(points)
