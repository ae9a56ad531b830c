
import os
import pathlib
import signal
import sys

from support import FolderTest

SWEEP = {
    "name": "mine",
    "method": "grid",
    "metric": {"name": "val/loss", "goal": "minimize"},
    "parameters": {"lr": {"values": [0.1, 0.2, 0.3]}, "optimizer": {"parameters": {"name": {"value": "sgd"}}}},
}


class AloneTest(FolderTest):
    """Without a broker, and in a network of its own, where nobody's is at the default place."""

    SCRIPT = f"""
        import os, sys, time
        from scopa import wandb

        def train():
            wandb.init()
            print("training", flush=True)
            while sys.argv[1:] == ["wait"]:
                time.sleep(0.01)
            wandb.log({{"val/loss": wandb.config.lr}})

        sweep_id = wandb.sweep({SWEEP!r}) if sys.argv[1:] != ["again"] else "mine"
        wandb.agent(sweep_id, train, count=int(os.environ.get("COUNT", 20)))
        """

    def begin(self, *arguments):
        script = self.write("alone.py", self.SCRIPT)
        if self.run_command("unshare", "-rn", "true").returncode != 0:
            self.skipTest("no network of its own here: unshare -rn fails")
        up = 'ip link set lo up 2>/dev/null || true; exec "$0" "$@"'
        command = ("unshare", "-rn", "sh", "-c", up, sys.executable, str(script), *arguments)
        return self.start(*command, COUNT="2")

    def brokers(self):
        """The processes that serve this folder's store."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(entry / "cwd") == str(self.folder) and b"broker" in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                pass
        return found

    def test_a_script_needs_no_broker_and_leaves_none_and_can_go_on(self):
        code, said = self.wait(self.begin())
        self.assertEqual(code, 0, said)
        self.assertIn("no broker runs here: one serves .scopa", said)
        self.assertEqual(self.brokers(), [])
        code, said = self.wait(self.begin("again"))
        self.assertEqual(code, 0, said)
        self.assertEqual([row["state"] for row in self.trials("mine").values()], ["completed"] * 3)

    def test_ctrl_c_gives_the_trial_back_before_its_broker_ends(self):
        agent = self.begin("wait")
        self.eventually(lambda: "training" in agent.path.read_text(), agent)
        self.interrupt(agent)
        code, said = self.wait(agent)
        self.assertEqual(code, -signal.SIGINT, said)
        self.assertEqual(self.brokers(), [])
        self.assertEqual(self.trials("mine")[0]["state"], "queued")

    def test_killed_it_takes_its_broker_with_it(self):
        agent = self.begin("wait")
        self.eventually(lambda: "training" in agent.path.read_text(), agent)
        self.assertEqual(len(self.brokers()), 1)
        agent.kill()
        agent.wait()
        self.eventually(lambda: not self.brokers())


class AgentTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.start_broker()

    def test_a_usual_script_makes_its_sweep_and_trains_it_here(self):
        out, err = self.script(
            f"""
            from scopa import wandb

            def train():
                run = wandb.init(config={{"epochs": 2}})
                config = wandb.config
                for epoch in range(config.epochs):
                    wandb.log({{"epoch": epoch, "val/loss": config.lr / (epoch + 1)}})
                run.finish()

            sweep_id = wandb.sweep({SWEEP!r}, project="demo")
            wandb.agent(sweep_id, function=train, count=20)
            print(sweep_id, wandb.run)
            """
        )
        rows = self.trials("mine")
        self.assertEqual([row["state"] for row in rows.values()], ["completed"] * 3, err)
        self.assertEqual([row["value"] for row in rows.values()], [0.05, 0.1, 0.15])
        self.assertTrue(out.endswith(" None"))
        for number in range(3):
            self.assertIn(f"/{number} lr=0.{number + 1} optimizer.name=sgd", err)

    def test_ids_with_a_project_count_and_what_the_function_leaves_open(self):
        sweep = self.create("{x: {values: [0, 1, 2, 3, 4, 5]}}")
        out, err = self.script(
            f"""
            from scopa import wandb
            def train():
                with wandb.init() as run:
                    x = run.config.x
                    wandb.log({{"loss": x}})
                    if x == 1: raise ValueError("no")
                    if x == 3: wandb.finish(exit_code=2)
            def leaves_it_open():
                wandb.init()
                wandb.log({{"loss": wandb.config.x}})
            wandb.agent("me/project/{sweep}", train, count=4)
            wandb.agent("{sweep}", leaves_it_open, entity="me", project="p", count=1)
            print(wandb.run)
            """
        )
        self.assertEqual(out, "None")
        states = [row["state"] for row in self.trials(sweep).values()]
        self.assertEqual(states, ["completed", "failed", "completed", "failed", "completed"])
        self.assertEqual(err.count("Traceback"), 2, err)

    def test_a_stop_ends_the_function_at_its_next_log(self):
        sweep = self.create("{x: {values: [1, 2]}}", extra="early_terminate: {type: threshold, upper: 50}")
        self.script(
            f"""
            from scopa import wandb
            import time
            def train():
                wandb.init()
                for _ in range(6000 if wandb.config.x == 1 else 2):
                    wandb.log({{"loss": 100 if wandb.config.x == 1 else 1}})
                    time.sleep(0.01)
            wandb.agent({sweep!r}, train)
            """
        )
        self.assertEqual([row["state"] for row in self.trials(sweep).values()], ["pruned", "completed"])

    def test_without_a_function_it_runs_the_sweeps_program(self):
        path = self.sweep(
            "from scopa import wandb\nwandb.init()\nwandb.log({'loss': wandb.config.x})\n", "{x: {values: [1, 2]}}"
        )
        self.script(
            f"""
            from scopa import wandb
            sweep_id = wandb.sweep({str(path)!r})
            wandb.agent(sweep_id, count=2)
            """
        )
        self.assertEqual([row["state"] for row in self.trials().values()], ["completed"] * 2)

    def test_a_sweep_that_is_wrong_is_an_error_with_the_programs_own_words(self):
        done = self.run_script("from scopa import wandb\nwandb.sweep({'method': 'guess', 'parameters': {}})")
        self.assertEqual(done.returncode, 1)
        self.assertIn("error[S", done.stderr)
        self.assertIn("scopa create", done.stderr)

    def test_without_the_program_it_says_how_to_name_it(self):
        done = self.run_script(
            f"from scopa import wandb\nwandb.sweep({SWEEP!r})", SCOPA_PROGRAM="/nowhere/scopa"
        )
        self.assertIn("ProgramNotFound: no program `/nowhere/scopa`", done.stderr)
        self.assertIn("SCOPA_PROGRAM=/path/to/scopa", done.stderr)
