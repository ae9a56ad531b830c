"""What the tests of the Python package share: a folder of their own, programs run in it."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest

ROOT = pathlib.Path(os.environ["SCOPA_ROOT"])
SCOPA = os.environ["SCOPA_PROGRAM"]
HELPER = os.environ["SCOPA_JOURNAL_HELPER"]
PATIENCE = 60.0  # seconds, for what takes a fraction of one on an idle machine


class FolderTest(unittest.TestCase):
    """A folder with a broker of its own, if one is started; nothing of the user's is used."""

    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scopa-python-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        drop = ("SCOPA_URL", "SCOPA_KEY", "SCOPA_SERVER_KEY", "SCOPA_JOURNAL", "SLURM_JOB_ID", "RANK")
        self.env = {name: value for name, value in os.environ.items() if name not in drop}
        self.env.update(
            SCOPA_MEMORY=str(self.folder / "memory"),
            XDG_CONFIG_HOME="/nonexistent",
            CUDA_VISIBLE_DEVICES="",
            PATH=f"{pathlib.Path(SCOPA).parent}:{os.environ['PATH']}",
        )

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"))
        return path

    def start(self, *command, **env):
        """Left running; ended with the test."""
        out = open(self.folder / f"out-{time.monotonic_ns()}", "w+")
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
        )
        process.path = pathlib.Path(out.name)
        out.close()
        self.addCleanup(self._end, process)
        return process

    @staticmethod
    def _end(process):
        if process.poll() is None:
            process.kill()
        process.wait()

    def run_command(self, *command, **env):
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=2 * PATIENCE,
        )

    def script(self, text, *arguments, **env):
        """Runs a Python script; it must succeed. What it printed, and said on stderr."""
        done = self.run_script(text, *arguments, **env)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout.strip(), done.stderr.strip()

    def run_script(self, text, *arguments, **env):
        path = self.write(f"script-{time.monotonic_ns()}.py", text)
        return self.run_command(sys.executable, str(path), *arguments, **env)

    def scopa(self, *arguments, exit=0):
        done = self.run_command(SCOPA, *arguments)
        self.assertEqual(done.returncode, exit, f"scopa {arguments}\n{done.stdout}{done.stderr}")
        return done.stdout

    def eventually(self, what, process=None):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = what()
            if found:
                return found
            time.sleep(0.02)
        said = process.path.read_text() if process else ""
        self.fail(f"it did not come about within {PATIENCE} s: {what}\n{said}")

    # ---- a trial without a broker ------------------------------------------------------------------

    def journal(self):
        """The journal of trial k3v9q2ha/17 with lr = 0.25 and optimizer = adam, whose goal is loss."""
        path = self.folder / f"journal-{time.monotonic_ns()}"
        subprocess.run([HELPER, "make", path], check=True)
        return str(path)

    def points(self, journal):
        """[(metric, step, value)]"""
        text = subprocess.run(
            [HELPER, "read", journal], check=True, stdout=subprocess.PIPE, text=True
        ).stdout
        found = [point.split(" ") for point in text.split("|")[:-1]]
        return [(name, int(step), float(value)) for name, step, value in found]

    def stop(self, journal):
        subprocess.run([HELPER, "stop", journal], check=True)

    # ---- sweeps ----------------------------------------------------------------------------------

    def sweep(self, trainer, parameters, metric="loss", extra="", name="sweep.yaml"):
        """A sweep file that runs the trainer for each point of the grid."""
        self.write("train.py", trainer)
        return self.write(
            name,
            f"program: train.py\ncommand: [{sys.executable}, '${{program}}']\nmethod: grid\n"
            f"metric: {{name: {metric}, goal: minimize}}\n{extra}\nparameters: {parameters}\n",
        )

    def run_sweep(self, trainer, parameters, metric="loss", extra=""):
        """Runs it to its end; the log of trial 0."""
        path = self.sweep(trainer, parameters, metric, extra)
        self.scopa("run", str(path), "-q")
        return self.scopa("logs", "@last/0")

    def start_broker(self):
        broker = self.start(
            SCOPA, "broker", "--listen", "tcp://127.0.0.1:*", "--durability", "process"
        )
        endpoint = self.folder / ".scopa" / "endpoint"

        def url():
            lines = endpoint.read_text().split() if endpoint.exists() else []
            return next((line for line in lines if line.startswith("tcp:")), None)

        self.env["SCOPA_URL"] = self.eventually(url, broker)
        return broker

    def create(self, parameters, metric="loss", extra=""):
        path = self.write(
            "created.yaml",
            f"method: grid\nmetric: {{name: {metric}, goal: minimize}}\n{extra}\n"
            f"parameters: {parameters}\n",
        )
        return self.scopa("create", str(path)).strip()

    def trials(self, sweep="@last"):
        """The rows of its trials by number."""
        rows = self.scopa("export", sweep, "--jsonl").splitlines()
        return {row["trial"]: row for row in map(json.loads, rows)}

    def logged(self, sweep="@last"):
        """[(trial, metric, step, value)]"""
        rows = self.scopa("export", sweep, "--points", "--jsonl").splitlines()
        found = map(json.loads, rows)
        return [(row["trial"], row["metric"], row["step"], row["value"]) for row in found]

    def interrupt(self, process):
        process.send_signal(signal.SIGINT)

    def wait(self, process):
        code = process.wait(PATIENCE)
        return code, process.path.read_text()
