import json

from support import FolderTest


class ConfigTest(FolderTest):
    def config(self, body, parameters):
        """What a W&B script prints that runs in a sweep; its log has stderr too."""
        script = f"from scopa import wandb\n{body}\nwandb.log({{'loss': 1}})\n"
        return self.run_sweep(script, parameters).splitlines()

    def test_the_sweeps_values_are_read_in_every_way_that_scripts_have(self):
        out = self.config(
            """
import json
run = wandb.init(project="p", entity="e", name="n", tags=["t"])
c = wandb.config
def keywords(**given): return sorted(given)
print(json.dumps([c.lr, c["lr"], c.get("lr"), c.get("none", 5), "lr" in c, "none" in c, run.config.lr]))
print(json.dumps([dict(c), c.as_dict(), {**c}, keywords(**c), list(c), list(c.keys()), len(c)]))
print(json.dumps([c.optimizer["name"], c["optimizer"]["momentum"], c["optimizer.momentum"], c.amp]))
import copy, pickle
assert type(c.optimizer) is dict and "scopa" not in repr(pickle.dumps(c.as_dict()))
assert copy.copy(c).lr == c.lr
print([v for v in c.values()], sorted(k for k, _ in c.items()), c.nothing)
""",
            "{lr: {value: 0.0005}, amp: {values: [true]}, nothing: {value: null}, "
            "optimizer: {parameters: {name: {value: adam}, momentum: {value: 0.9}}}}",
        )
        self.assertEqual(
            json.loads(out[0]), [0.0005, 0.0005, 0.0005, 5, True, False, 0.0005], out
        )
        whole = {
            "lr": 0.0005, "amp": True, "nothing": None, "optimizer": {"name": "adam", "momentum": 0.9}
        }
        names = list(whole)
        self.assertEqual(
            json.loads(out[1]), [whole, whole, whole, sorted(names), names, names, 4]
        )
        self.assertEqual(json.loads(out[2]), ["adam", 0.9, 0.9, True])
        self.assertEqual(len(out), 4)

    def test_defaults_fill_in_and_never_replace_what_the_sweep_chose(self):
        out = self.config(
            """
import argparse
args = argparse.Namespace(lr=9.0, epochs=3, optimizer={"name": "sgd", "nesterov": True})
wandb.init(config=args)
wandb.config.setdefaults({"epochs": 7, "width": 2})
print(wandb.config.lr, wandb.config.epochs, wandb.config.width, dict(wandb.config.optimizer))
""",
            "{lr: {value: 0.5}, optimizer: {parameters: {name: {value: adam}}}}",
        )
        self.assertEqual(out, ["0.5 3 2 {'name': 'adam', 'nesterov': True}"])

    def test_what_a_script_puts_over_it_later_is_told_once_and_ignored(self):
        out = self.config(
            """
wandb.init()
for _ in range(2):
    wandb.config.update({"lr": 9.0, "a": 1}, allow_val_change=True)
    wandb.config.lr = 8
    wandb.config["lr"] = 0.5
wandb.config.b = 2
wandb.config["c"] = {"d": 3}
wandb.config.update({"optimizer": 4, "optimizer.name": "x"})
print(wandb.config.lr, wandb.config.a, wandb.config.b, wandb.config.c["d"], wandb.config.optimizer)
""",
            "{lr: {value: 0.5}, optimizer: {parameters: {name: {value: adam}}}}",
        )
        self.assertEqual(sum("`lr` stays 0.5, which the sweep chose" in line for line in out), 1, out)
        self.assertIn("0.5 1 2 3 {'name': 'adam'}", out)

    def test_a_name_that_is_nowhere_is_an_error_that_says_what_there_is(self):
        out = self.config(
            """
wandb.init(config={"epochs": 1})
for read in (lambda: wandb.config.learning_rate, lambda: wandb.config["learning_rate"]):
    try: read()
    except (AttributeError, KeyError) as e: print(type(e).__name__, e.args[0])
print(getattr(wandb.config, "other", "else"), hasattr(wandb.config, "lr"))
""",
            "{lr: {value: 0.5}}",
        )
        text = "wandb.config has no `learning_rate`; it has lr, epochs"
        self.assertEqual(out, [f"AttributeError {text}", f"KeyError {text}", "else True"])


class StandaloneTest(FolderTest):
    SCRIPT = """
        from scopa import wandb
        wandb.init(config={"lr": 0.1, "layers": [1, 2]})
        print(wandb.config.lr, wandb.config.layers, wandb.config.get("width", 3), dict(wandb.config))
        """

    def test_by_hand_it_is_what_the_script_says_and_the_command_line_adds(self):
        self.assertEqual(
            self.script(self.SCRIPT), ("0.1 [1, 2] 3 {'lr': 0.1, 'layers': [1, 2]}", "")
        )
        # Scripts read their own flags: what they made of them is in the config.
        out, _ = self.script(self.SCRIPT, "--lr=7", "--width=5", "--layers=1,2")
        self.assertEqual(out, "0.1 [1, 2] 5 {'lr': 0.1, 'layers': [1, 2]}")

    def test_before_init_it_says_what_comes_first(self):
        for use in ("wandb.config.lr", "wandb.config['lr']", "wandb.log({'a': 1})", "wandb.summary['a']"):
            done = self.run_script(f"from scopa import wandb\n{use}")
            self.assertIn("wandb.init() comes before wandb.", done.stderr, use)
        out, _ = self.script("from scopa import wandb\nwandb.finish()\nprint(wandb.run)")
        self.assertEqual(out, "None")

    def test_names_imported_from_it_follow_the_run(self):
        out, _ = self.script(
            """
            from scopa.wandb import config, init, log, summary
            init(config={"lr": 0.5})
            log({"a": 2})
            print(config.lr, dict(config), summary["a"], summary.get("b"))
            """
        )
        self.assertEqual(out, "0.5 {'lr': 0.5} 2 None")

    def test_a_file_as_config_is_told_and_not_read(self):
        _, err = self.script("from scopa import wandb\nwandb.init(config='defaults.yaml')")
        self.assertIn("files are not read", err)
