import os

from support import ROOT, SCOPA, FolderTest

EXAMPLES = "sdk/examples/python"


class ExampleTest(FolderTest):
    def setUp(self):
        super().setUp()
        os.symlink(ROOT / "sdk", self.folder / "sdk")

    def test_the_training_loop_runs_by_hand(self):
        done = self.run_command("python3", f"{EXAMPLES}/train.py", "--lr=0.3", "--epochs=3")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(len(list((self.folder / ".scopa/standalone").iterdir())), 1)

    def test_its_sweep_finds_a_good_learning_rate_and_stops_bad_ones(self):
        self.scopa("run", f"{EXAMPLES}/sweep.yaml", "-q", "--seed", "1", "--slots", "2")
        rows = list(self.trials().values())
        self.assertEqual(len(rows), 12)
        self.assertLessEqual({row["state"] for row in rows}, {"completed", "pruned"})
        values = [row["value"] for row in rows if row["state"] == "completed"]
        self.assertLess(min(values), 0.4)  # log 2 is what a model that has learned nothing has
        metrics = {metric for _, metric, _, _ in self.logged()}
        self.assertEqual(metrics, {"train/loss", "val/loss", "val/accuracy"})
        best = self.scopa("best", "@last", "--as", "json")
        self.assertIn("batch_size", best)

    def test_it_runs_on_a_worker_of_a_broker_too(self):
        self.start_broker()
        sweep = self.scopa("create", f"{EXAMPLES}/sweep.yaml", "--run-cap", "3").strip()
        done = self.run_command(SCOPA, "worker", sweep)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.trials(sweep)), 3)

    def test_the_wandb_script_is_swept_by_a_metric_of_its_summary(self):
        self.scopa("run", f"{EXAMPLES}/wandb_sweep.yaml", "-q", "--seed", "1")
        rows = self.trials()
        self.assertEqual([row["state"] for row in rows.values()], ["completed"] * 8)
        self.assertGreater(max(row["value"] for row in rows.values()), 0.8)
        self.assertEqual(self.scopa("logs", "@last/0").count("does nothing here"), 1)  # watch()

    def test_the_wandb_agent_makes_its_sweep_and_trains_it(self):
        self.start_broker()
        done = self.run_command("python3", f"{EXAMPLES}/wandb_agent.py")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual([row["state"] for row in self.trials().values()], ["completed"] * 4)
