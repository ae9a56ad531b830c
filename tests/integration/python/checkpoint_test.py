import os
import signal

from support import SCOPA, FolderTest

TRAINER = """
    import json, os, scopa, time
    trial = scopa.init()
    first = trial.resume_step() + 1
    held = json.loads(trial.checkpoint_path.read_text()) if first else {"epochs": 0}
    assert held["epochs"] == first, (held, first)
    for epoch in range(first, 8):
        # The first attempt waits for the request in epoch 3; the machine goes before the fourth.
        while epoch == 3 and trial.attempt == 1 and not trial.checkpoint_requested():
            open("waiting", "w").close()
            time.sleep(0.01)
        trial.log({"loss": 8.0 - epoch}, step=epoch)
        if epoch == 3 and trial.attempt == 1:
            new = trial.checkpoint_path.with_suffix(".new")
            new.write_text(json.dumps({"epochs": epoch + 1}))
            os.replace(new, trial.checkpoint_path)
            trial.checkpoint_saved(epoch)
            while not trial.should_stop():
                time.sleep(0.01)
            print("stopped:", trial.stop_reason.name, trial.folder.name)
            break
    """


class CheckpointTest(FolderTest):
    def test_it_is_saved_on_request_and_the_next_attempt_goes_on_from_it(self):
        self.start_broker()
        sweep = self.scopa("create", str(self.sweep(TRAINER, "{x: {value: 1}}"))).strip()
        first = self.start(SCOPA, "worker", sweep)
        self.eventually((self.folder / "waiting").exists, first)
        first.send_signal(signal.SIGUSR1)
        self.wait(first)
        self.assertEqual(self.scopa("logs", f"{sweep}/0").strip(), "stopped: WORKER_EXIT 0")
        second = self.start(SCOPA, "worker", sweep)
        code, said = self.wait(second)
        self.assertEqual(code, 0, said)
        trial = self.trials(sweep)[0]
        self.assertEqual((trial["state"], trial["value"]), ("completed", 1.0))
        steps = {step for _, metric, step, _ in self.logged(sweep) if metric == "loss"}
        self.assertLessEqual({4, 5, 6, 7}, steps)

    def test_by_hand_there_is_none_and_steps_begin_at_the_beginning(self):
        out, err = self.script(
            """
            import scopa
            trial = scopa.init()
            print(trial.resume_step(), trial.checkpoint_requested(), trial.checkpoint_path, trial.attempt)
            trial.checkpoint_saved(3)
            trial.start_over()
            """
        )
        self.assertEqual((out, err), ("-1 False checkpoint 0", ""))


class AdoptionTest(FolderTest):
    TRAINER = """
        import os, scopa, time
        trial = scopa.init()
        trial.log({"loss": 2})
        with open("runs", "a", buffering=1) as runs:
            print(os.getpid(), file=runs)
        while not os.path.exists("go"):
            time.sleep(0.01)
        trial.log({"loss": 1})
        """

    def runs(self):
        path = self.folder / "runs"
        return path.read_text().split() if path.exists() else []

    @staticmethod
    def is_over(process):
        """Gone, or a zombie that nobody waits for."""
        try:
            with open(f"/proc/{process}/stat") as stat:
                return stat.read().rpartition(")")[2].split()[0] == "Z"
        except OSError:
            return True

    def test_a_trainer_that_ends_well_after_its_worker_was_killed_is_not_trained_again(self):
        self.start_broker()
        sweep = self.scopa("create", str(self.sweep(self.TRAINER, "{x: {value: 1}}"))).strip()
        first = self.start(SCOPA, "worker", sweep)
        self.eventually(self.runs, first)
        first.send_signal(signal.SIGKILL)
        first.wait()
        (trainer,) = self.runs()
        (self.folder / "go").touch()
        self.eventually(lambda: self.is_over(trainer))
        code, said = self.wait(self.start(SCOPA, "worker", sweep))
        self.assertEqual(code, 0, said)
        trial = self.trials(sweep)[0]
        self.assertEqual((trial["state"], trial["value"]), ("completed", 1.0))
        self.assertEqual(len(self.runs()), 1)
