#!/usr/bin/env python3
"""A W&B script that makes its sweep and runs it in this process; only the import is changed.
Where no broker is, one runs as long as the script.

PYTHONPATH=sdk/python python3 sdk/examples/python/wandb_agent.py
"""

from scopa import wandb  # was: import wandb
from wandb_train import train

SWEEP = {
    "method": "random",
    "metric": {"name": "val/loss", "goal": "minimize"},
    "parameters": {
        "lr": {"distribution": "log_uniform_values", "min": 1e-3, "max": 3.0},
        "batch_size": {"values": [16, 32, 64]},
    },
}

if __name__ == "__main__":
    sweep_id = wandb.sweep(SWEEP, project="line")
    wandb.agent(sweep_id, function=train, count=4)
