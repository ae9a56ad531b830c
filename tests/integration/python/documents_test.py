"""The code in docs/python.md and README.md runs as it stands: blocks that are named are written to that
file, shell blocks run in the folder, and other Python blocks run as a script of their own."""

import re

from support import ROOT, FolderTest

BLOCK = re.compile(r"(?:^`([\w.]+)`:\n\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(document):
    return [match.groups() for match in BLOCK.finditer((ROOT / document).read_text())]


class DocumentTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.named = [block for block in blocks("docs/python.md") if block[0]]
        for name, _, text in self.named:
            (self.folder / name).write_text(text)

    def test_the_files_of_the_manual_are_named(self):
        self.assertEqual([name for name, _, _ in self.named], ["train.py", "sweep.yaml", "pipe_train.py"])

    def test_its_shell_blocks_run_and_their_sweeps_find_something(self):
        shell = [text for _, language, text in blocks("docs/python.md") if language == "sh"]
        self.assertEqual(len(shell), 2)
        for text in shell:
            done = self.run_command("bash", "-euo", "pipefail", "-c", text)
            self.assertEqual(done.returncode, 0, text + done.stdout + done.stderr)
            rows = self.trials().values()
            self.assertEqual(len(rows), 10)
            self.assertNotIn("failed", {row["state"] for row in rows})
        self.assertEqual(len(list((self.folder / ".scopa/standalone").iterdir())), 1)

    def test_its_python_blocks_run_by_hand_or_on_a_sweep(self):
        self.start_broker()
        self.scopa("create", "sweep.yaml")
        scripts = [t for name, language, t in blocks("docs/python.md") if language == "python" and not name]
        self.assertGreaterEqual(len(scripts), 6)
        for text in scripts:
            self.script(text)
        self.assertEqual(len(self.trials()), 5)  # run_worker() has taken these

    def test_the_trainer_of_the_readme_runs_by_hand_and_in_a_sweep(self):
        trainers = [t for _, language, t in blocks("README.md") if language == "python"]
        self.assertEqual(len(trainers), 1)
        self.script(trainers[0], "--lr=0.5")
        self.run_sweep(trainers[0], "{lr: {values: [0.1, 0.2]}, momentum: {value: 0.5}}", metric="val/loss")
        self.assertEqual([row["state"] for row in self.trials().values()], ["completed"] * 2)


class BufferingTest(FolderTest):
    """What the manual says about block buffering, held against what a pruner gets to see."""

    def steps_of_the_pruned(self, opened):
        trainer = f"""
            import json, os, time
            x = json.loads(os.environ["SCOPA_PARAMS"])["x"]
            with open(os.environ["SCOPA_METRICS"], "a"{opened}) as metrics:
                for step in range(150 if x == 2 else 2):
                    print(json.dumps({{"step": step, "loss": 100 if x == 2 else 1}}), file=metrics)
                    time.sleep(0.02)
            """
        path = self.sweep(trainer, "{x: {values: [1, 2]}}", extra="early_terminate: {type: threshold, upper: 50}")
        self.scopa("run", str(path), "-q", "--slots", "1")
        return len([1 for trial, *_ in self.logged() if trial == 1])

    def test_a_line_buffered_pipe_lets_a_pruner_stop_a_trial(self):
        self.assertLess(self.steps_of_the_pruned(", buffering=1"), 149)

    def test_a_block_buffered_one_does_not(self):
        self.assertEqual(self.steps_of_the_pruned(""), 150)
