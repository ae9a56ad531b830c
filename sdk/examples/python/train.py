#!/usr/bin/env python3
"""A trainer in Python: parameters, metrics, an early stop, and a checkpoint to go on from.

By hand: python3 sdk/examples/python/train.py --lr=0.3
"""

import json
import os

import scopa
from model import SGD, Model, batches, evaluate, train_epoch


def load(path):
    state = json.loads(path.read_text())
    return state["weights"], state["velocity"]


def save(path, model, optimizer):
    whole = path.with_suffix(".new")
    whole.write_text(json.dumps({"weights": model.weights, "velocity": optimizer.velocity}))
    os.replace(whole, path)


def main():
    trial = scopa.init({"lr": 0.1, "momentum": 0.0, "batch_size": 32, "epochs": 12})
    params = trial.params

    model = Model(trial.seed)
    optimizer = SGD(model, params.lr, params.momentum)
    training, validation = batches(params.batch_size, seed=1), batches(64, seed=2)

    first = trial.resume_step() + 1  # 0 without a checkpoint
    if first > 0:
        model.weights, optimizer.velocity = load(trial.checkpoint_path)

    for epoch in range(first, params.epochs):
        train_loss = train_epoch(model, optimizer, training)
        loss, accuracy = evaluate(model, validation)
        metrics = {"train/loss": train_loss, "val/loss": loss, "val/accuracy": accuracy}
        trial.log(metrics, step=epoch)
        if epoch % 5 == 4 or trial.checkpoint_requested():
            save(trial.checkpoint_path, model, optimizer)
            trial.checkpoint_saved(epoch)
        if trial.should_stop():
            break


if __name__ == "__main__":
    main()
