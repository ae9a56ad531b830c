import time

from support import FolderTest


class LogTest(FolderTest):
    def log(self, body, **env):
        """What a script that logs leaves in its journal, and what it says."""
        journal = self.journal()
        out, err = self.script("import scopa\ntrial = scopa.init()\n" + body, SCOPA_JOURNAL=journal, **env)
        return self.points(journal), out, err

    def test_steps_are_what_is_said_and_count_on_without(self):
        points, _, err = self.log(
            "trial.log({'loss': 1})\n"
            "trial.log({'loss': 2, 'acc': 3})\n"
            "trial.log({'loss': 4}, step=10)\n"
            "trial.log({'loss': 5})\n"
        )
        self.assertEqual(
            points,
            [("loss", 0, 1), ("loss", 1, 2), ("acc", 1, 3), ("loss", 10, 4), ("loss", 11, 5)],
        )
        self.assertEqual(err, "")

    def test_nested_metrics_are_named_by_their_path(self):
        points, _, _ = self.log("trial.log({'eval': {'loss': 1, 'by': {'class': 2}}, 'val/loss': 3})")
        self.assertEqual(points, [("eval/loss", 0, 1), ("eval/by/class", 0, 2), ("val/loss", 0, 3)])

    def test_the_sweeps_metric_is_found_by_its_path_however_it_is_spelled(self):
        for metric in ("eval/loss", "eval.loss"):
            self.run_sweep(
                "import scopa\nscopa.init().log({'eval': {'loss': 1, 'acc': 2}})",
                "{x: {value: 1}}",
                metric=metric,
            )
            self.assertEqual(self.logged(), [(0, metric, 0, 1.0), (0, "eval/acc", 0, 2.0)])
            self.assertEqual(self.trials()[0]["value"], 1)

    def test_scalars_of_other_libraries_are_numbers(self):
        points, _, err = self.log(
            """
from decimal import Decimal
from fractions import Fraction
class Scalar:  # NumPy's, and a tensor of one element, also on a device
    def __init__(self, value): self.value = value
    def item(self): return self.value
class Big(Scalar):  # that of several
    def item(self): raise ValueError("only one element tensors can be converted to Python scalars")
class Floating:
    def __float__(self): return 0.5
trial.log({'a': Scalar(1), 'b': Scalar(True), 'c': Decimal('1.5'), 'd': Fraction(1, 4), 'e': Floating(),
           'f': True, 'g': float('nan'), 'h': -float('inf')}, step=Scalar(3))
trial.log({'big': Big(0), 'text': '0.5', 'none': None, 'list': [1], 'i': 1j, 'huge': 10 ** 400})
trial.log({'big': Big(0), 'text': '0.5', 'none': None, 'list': [1], 'i': 1j, 'huge': 10 ** 400})
"""
        )
        self.assertEqual([name for name, _, _ in points], list("abcdefgh"))
        self.assertEqual({step for _, step, _ in points}, {3})
        self.assertEqual([v for _, _, v in points][:6], [1, 1, 1.5, 0.25, 0.5, 1])
        for name in ("big", "text", "none", "list", "i", "huge"):
            self.assertEqual(err.count(f"metric `{name}` is left out"), 1, err)

    def test_what_is_no_mapping_or_no_step_is_an_error_of_the_script(self):
        for call in ("trial.log(1.0)", "trial.log({'a': 1}, step='x')", "trial.log({'a': 1}, step=float('nan'))"):
            done = self.run_script(f"import scopa\ntrial = scopa.init()\n{call}")
            self.assertEqual(done.returncode, 1, call)

    def test_a_name_that_is_too_long_is_told_once_and_the_rest_is_kept(self):
        points, _, err = self.log("for i in range(3): trial.log({'x' * 300: 1, 'loss': i})")
        self.assertEqual(len(points), 3)
        self.assertEqual(len(err.splitlines()), 1, err)

    def test_other_ranks_get_all_and_log_nothing(self):
        body = "trial.log({'loss': 1})\nprint(trial.rank, trial.params.lr, trial.id)"
        points, out, err = self.log(body, SCOPA_RANK="3")
        self.assertEqual((points, out, err), ([], "3 0.25 k3v9q2ha/17", ""))
        self.assertEqual(len(self.log(body, SCOPA_RANK="3", SCOPA_RANK_LOG="all")[0]), 1)

    def test_threads_and_forked_processes_log_too(self):
        points, _, _ = self.log(
            """
import os, threading
def work(name):
    for i in range(200): trial.log({name: i}, step=i)
threads = [threading.Thread(target=work, args=(f't{i}',)) for i in range(2)]
[t.start() for t in threads]
child = os.fork()
if child == 0:
    trial.log({'child': 1}, step=0)
    os._exit(0)
os.waitpid(child, 0)
[t.join() for t in threads]
"""
        )
        self.assertEqual(len(points), 401)
        self.assertEqual([v for name, _, v in points if name == "child"], [1])

    def test_finish_ends_the_logging_and_the_context_finishes(self):
        points, out, _ = self.log(
            "with trial:\n    trial.log({'loss': 1})\ntrial.log({'loss': 2})\nprint(trial.dropped)"
        )
        self.assertEqual((points, out), ([("loss", 0, 1)], "1"))

    def test_a_trial_of_which_nothing_is_known_is_not_trained_with_the_defaults(self):
        for text in (
            "import scopa; print(scopa.init({'lr': 1.0}).params.lr)",
            "from scopa import wandb; print(wandb.init(config={'lr': 1.0}).config.lr)",
        ):
            done = self.run_script(text, SCOPA_JOURNAL="/nowhere", SCOPA_SWEEP="k3v9q2ha", SCOPA_TRIAL="3")
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("TrialNotFound: this trial's points are lost", done.stderr)

    def test_where_the_journal_cannot_be_seen_the_environment_tells_the_parameters(self):
        text = "import scopa; t = scopa.init({'lr': 1.0}); print(t.params.lr, t.seed, t.number); t.log({'loss': 1})"
        done = self.run_script(
            text, SCOPA_JOURNAL="/nowhere", SCOPA_SWEEP="k3v9q2ha", SCOPA_TRIAL="3", SCOPA_SEED="99",
            SCOPA_PARAMS='{"lr": 0.25}',
        )
        self.assertEqual((done.returncode, done.stdout), (0, "0.25 99 3\n"), done.stderr)

    def test_logging_waits_for_nobody(self):
        # Nobody reads this journal; 20,000 calls into it take a fraction of what one lost heartbeat does.
        began = time.monotonic()
        self.assertEqual(self.log("for i in range(20000): trial.log({'loss': i})\nprint(trial.dropped)")[1], "0")
        self.assertLess(time.monotonic() - began, 20)

    def test_init_gives_one_trial_in_every_module_and_thread(self):
        out, _ = self.script(
            """
            import scopa, threading
            trials = [scopa.init()]
            thread = threading.Thread(target=lambda: trials.append(scopa.init()))
            thread.start(); thread.join()
            print(trials[0] is trials[1], trials[0] is scopa.init({"lr": 1}), trials[1].params.lr)
            """
        )
        self.assertEqual(out, "True True 1")


    def test_a_context_that_is_broken_off_leaves_the_trial_open(self):
        points, out, _ = self.log(
            """
try:
    with trial:
        raise RuntimeError
except RuntimeError:
    scopa.init().log({'loss': 1})
print(trial.dropped)
"""
        )
        self.assertEqual((points, out), ([("loss", 0, 1)], "0"))


class StopTest(FolderTest):
    def stopped(self, text):
        journal = self.journal()
        self.stop(journal)
        return self.run_script(text, SCOPA_JOURNAL=journal), journal

    def test_a_stop_is_seen_with_its_reason(self):
        done, _ = self.stopped(
            "import scopa\nt = scopa.init()\nprint(t.should_stop(), t.stop_reason.name, t.stop_reason == 1)"
        )
        self.assertEqual(done.stdout.strip(), "True PRUNED True")

    def test_without_one_it_is_false(self):
        out, _ = self.script("import scopa\nt = scopa.init()\nprint(t.should_stop(), t.stop_reason.name)")
        self.assertEqual(out, "False NONE")

    def test_report_logs_and_then_ends_the_program_in_order(self):
        done, journal = self.stopped(
            """
            import scopa
            trial = scopa.init()
            try:
                for i in range(5):
                    try:
                        trial.report({"loss": i})
                    except Exception:
                        print("caught as an exception")
            finally:
                print("cleaned up")
            """
        )
        self.assertEqual((done.returncode, done.stdout.strip(), done.stderr), (0, "cleaned up", ""))
        self.assertEqual(self.points(journal), [("loss", 0, 0)])

    def test_it_can_be_caught_and_says_why(self):
        done, _ = self.stopped(
            """
            import scopa
            try:
                scopa.init().report({"loss": 1}, step=4)
            except scopa.TrialStopped as stop:
                print(stop.reason.name, stop)
            """
        )
        self.assertEqual(done.stdout.strip(), "PRUNED the trial should stop: pruned")

    def test_a_reason_of_a_later_version_is_no_error(self):
        out, _ = self.script("import scopa; print(scopa.StopReason(99).name)")
        self.assertEqual(out, "OTHER")

    def test_in_a_sweep_a_pruned_trainer_is_pruned_and_no_failure(self):
        trainer = """
            import scopa, time
            trial = scopa.init()
            if trial.params.x == 2:
                for step in range(3000):
                    trial.report({"loss": 100}, step=step)
                    time.sleep(0.01)
            for step in range(3):
                trial.log({"loss": 1}, step=step)
            """
        path = self.sweep(trainer, "{x: {values: [1, 2]}}", extra="early_terminate: {type: threshold, upper: 50}")
        self.scopa("run", str(path), "-q", "--slots", "1")
        self.assertEqual([row["state"] for row in self.trials().values()], ["completed", "pruned"])
