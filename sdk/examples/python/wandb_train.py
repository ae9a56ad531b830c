#!/usr/bin/env python3
"""A script that was written for W&B, with one line changed."""

from scopa import wandb  # was: import wandb

from model import SGD, Model, batches, evaluate, train_epoch

DEFAULTS = {"lr": 0.1, "momentum": 0.0, "batch_size": 32, "epochs": 12}


def train():
    with wandb.init(project="line", config=DEFAULTS) as run:
        config = wandb.config
        wandb.define_metric("val/accuracy", summary="max")
        model = Model(seed=0)
        optimizer = SGD(model, config.lr, config["momentum"])
        training = batches(config.get("batch_size", 16), seed=1)
        validation = batches(64, seed=2)
        wandb.watch(model)

        best = 0.0
        for epoch in range(config.epochs):
            wandb.log({"train/loss": train_epoch(model, optimizer, training)}, commit=False)
            loss, accuracy = evaluate(model, validation)
            wandb.log({"epoch": epoch, "val/loss": loss, "val/accuracy": accuracy})
            best = max(best, accuracy)
        run.summary["best_accuracy"] = best


if __name__ == "__main__":
    train()
