import ast
import shutil
import subprocess
import sys
import unittest

from support import ROOT, FolderTest

PACKAGE = ROOT / "sdk" / "python" / "scopa"
EXAMPLES = ROOT / "sdk" / "examples" / "python"


class SourceTest(FolderTest):
    def test_every_file_is_python_3_9(self):
        files = [*PACKAGE.glob("*.py"), *EXAMPLES.glob("*.py")]
        self.assertGreater(len(files), 10)
        for file in files:
            ast.parse(file.read_text(), str(file), feature_version=(3, 9))

    def test_it_imports_with_each_python_that_is_here_and_warns_of_nothing(self):
        imported = 0
        for minor in range(9, 15):
            python = shutil.which(f"python3.{minor}")
            if not python or subprocess.call([python, "--version"], stdout=-3, stderr=-3) != 0:
                continue
            hello = "import scopa; from scopa import wandb; print(scopa.init({'lr': 1}).params.lr)"
            done = self.run_command(python, "-W", "error", "-c", hello)
            self.assertEqual((done.returncode, done.stdout.strip()), (0, "1"), done.stderr)
            imported += 1
        if not imported:
            self.skipTest("no python3.9 to python3.14 in PATH")

    def test_nothing_but_the_standard_library_is_imported(self):
        standard = getattr(sys, "stdlib_module_names", None)
        if standard is None:
            self.skipTest("this Python does not know the names of its own modules")
        for file in PACKAGE.glob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.level == 0:
                    names = [node.module]
                for name in names:
                    self.assertIn(name.split(".")[0], standard, file.name)

    def test_the_types_hold(self):
        if not shutil.which("mypy"):
            self.skipTest("mypy is not installed")
        checked = self.write("use.py", USE)
        done = self.run_command(
            "mypy", "--strict", "--cache-dir", str(self.folder / "cache"), str(PACKAGE), str(checked),
            MYPYPATH=str(PACKAGE.parent),
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


USE = """
    import scopa
    from scopa import wandb

    def train(trial: scopa.Trial) -> None:
        step: int = trial.resume_step()
        trial.log({"loss": 1.0}, step=step)
        reason: scopa.StopReason = trial.stop_reason

    result: scopa.WorkerResult = scopa.run_worker(train, "@last", count=3)
    completed: int = result.completed
    run: wandb.Run = wandb.init(config={"lr": 0.1})
    wandb.log({"loss": run.config.lr})
    """

if __name__ == "__main__":
    unittest.main()
