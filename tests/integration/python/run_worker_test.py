import json
import signal
import sys

from support import SCOPA, FolderTest


class RunWorkerTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.start_broker()

    def states(self, sweep):
        return [row["state"] for row in self.trials(sweep).values()]

    def test_it_trains_each_trial_here_and_counts_them(self):
        sweep = self.create("{x: {values: [1, 2, 3]}}")
        out, err = self.script(
            f"""
            import os, scopa, threading
            here, numbers = threading.get_ident(), []
            def train(trial):
                assert threading.get_ident() == here and trial.folder.is_dir()
                numbers.append((trial.number, trial.params.x, trial.id))
                for step in range(4):
                    trial.log({{"loss": trial.params.x / (step + 1)}})
            result = scopa.run_worker(train, {sweep!r}, device="cuda:0")
            print(numbers)
            print(result.trials, result.completed, result.failed, result)
            """
        )
        self.assertIn(f"[(0, 1, '{sweep}/0'), (1, 2, '{sweep}/1'), (2, 3, '{sweep}/2')]", out)
        self.assertIn("3 3 0 WorkerResult(trials=3", out)
        self.assertEqual(err, "")
        self.assertEqual([row["value"] for row in self.trials(sweep).values()], [0.25, 0.5, 0.75])

    def test_a_count_ends_it_earlier(self):
        sweep = self.create("{x: {values: [1, 2, 3]}}")
        out, _ = self.script(
            f"import scopa; print(scopa.run_worker(lambda t: t.log({{'loss': 1}}), '{sweep}', count=2).trials)"
        )
        self.assertEqual(out, "2")
        self.assertIn("count is at least 1", self.run_script("import scopa; scopa.run_worker(print, count=0)").stderr)

    def test_exceptions_and_exit_codes_fail_their_trial_and_the_next_is_trained(self):
        sweep = self.create("{x: {values: [0, 1, 2, 3, 4, 5, 6, 7]}}")
        out, err = self.script(
            f"""
            import scopa, sys
            def train(trial):
                trial.log({{"loss": 1}})
                if trial.params.x == 1: raise ValueError("no such 'lr': é")
                if trial.params.x == 2: sys.exit(0)
                if trial.params.x == 3: sys.exit("data are gone")
                if trial.params.x == 5: sys.exit(3)
                if trial.params.x == 7: raise RuntimeError("CUDA out of memory. " + "x" * 3000)
            print(tuple(scopa.run_worker(train, {sweep!r}))[:4])
            """
        )
        self.assertEqual(out, "(8, 4, 0, 4)")
        self.assertIn("ValueError: no such 'lr'", err)  # with its traceback, for who looks on
        self.assertEqual(self.states(sweep), ["completed", "failed"] * 4)
        self.assertIn("no such 'lr': é (script-", self.scopa("show", f"{sweep}/1", "--json"))
        self.assertIn("data are gone", self.scopa("show", f"{sweep}/3", "--json"))
        self.assertIn("exit 3", self.scopa("show", f"{sweep}/5", "--json"))
        self.assertIn('"oom"', self.scopa("show", f"{sweep}/7", "--json"))

    def test_init_within_the_function_and_its_threads_joins_the_trial(self):
        sweep = self.create("{x: {values: [1, 2]}}")
        out, _ = self.script(
            f"""
            import scopa, threading
            before = scopa.init()
            def train(trial):
                inside = []
                thread = threading.Thread(target=lambda: inside.append(scopa.init()))
                thread.start(); thread.join()
                print(scopa.init() is trial, inside[0] is trial, scopa.init({{"y": 5}}).params.y)
                scopa.init().log({{"loss": 1}})
            scopa.run_worker(train, {sweep!r})
            print(scopa.init() is before, before.standalone)
            """
        )
        self.assertEqual(out.splitlines(), ["True True 5"] * 2 + ["True True"])

    def test_a_trial_that_was_kept_does_nothing_after_its_function(self):
        sweep = self.create("{x: {values: [1, 2]}}")
        out, _ = self.script(
            f"""
            import scopa
            kept = []
            def train(trial):
                kept.append(trial)
                trial.log({{"loss": 1}})
                kept[0].log({{"loss": 7}}, step=9)
            scopa.run_worker(train, {sweep!r})
            kept[0].log({{"loss": 8}})
            print(kept[0].should_stop(), kept[0].params.get("x"))
            """
        )
        self.assertEqual(out, "False 1")
        self.assertEqual([(t, step) for t, _, step, _ in self.logged(sweep)], [(0, 0), (0, 9), (1, 0)])

    def test_a_stop_ends_a_trial_by_report(self):
        sweep = self.create("{x: {values: [1, 2]}}", extra="early_terminate: {type: threshold, upper: 50}")
        out, err = self.script(
            f"""
            import scopa, time
            def train(trial):
                for step in range(6000 if trial.params.x == 1 else 3):
                    trial.report({{"loss": 100 if trial.params.x == 1 else 1}}, step)
                    time.sleep(0.01)
            print(scopa.run_worker(train, {sweep!r}).pruned)
            """
        )
        self.assertEqual((out, err), ("1", ""))
        self.assertEqual(self.states(sweep), ["pruned", "completed"])

    def test_a_sweep_that_is_not_there_is_an_error(self):
        out, _ = self.script(
            """
            import scopa
            try:
                scopa.run_worker(print, "nowhere")
            except scopa.WorkerError as error:
                print(error, error.result.trials)
            """
        )
        self.assertIn("no sweep `nowhere`", out)
        self.assertTrue(out.endswith(" 0"), out)


class BrokerTest(FolderTest):
    NOWHERE = "ipc:///nowhere/broker.sock"

    def test_the_broker_that_runs_in_the_folder_is_found(self):
        self.start_broker()
        sweep = self.create("{x: {values: [1]}}")
        del self.env["SCOPA_URL"]
        out, err = self.script(
            f"import scopa; print(scopa.run_worker(lambda t: t.log({{'loss': 1}}), '{sweep}').completed)"
        )
        self.assertEqual((out, err), ("1", ""))

    def test_one_that_is_away_is_told_of_and_then_an_error(self):
        done = self.run_script(
            "import scopa; scopa.run_worker(print, wait_seconds=1.5)", SCOPA_URL=self.NOWHERE
        )
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"scopa: no broker answers yet at {self.NOWHERE}: waiting", done.stderr)
        self.assertIn(f"WorkerError: no broker answers at {self.NOWHERE}; start one", done.stderr)

    def test_one_that_comes_is_used(self):
        script = self.write("early.py", "import scopa; print(scopa.run_worker(print, 'nothing'))")
        socket = f"ipc://{self.folder}/broker.sock"
        early = self.start(sys.executable, str(script), SCOPA_URL=socket)
        self.eventually(lambda: "no broker answers yet" in early.path.read_text(), early)
        self.start(SCOPA, "broker", "--listen", socket)
        code, said = self.wait(early)
        self.assertEqual(code, 1)
        self.assertIn("no sweep `nothing`", said)

    def test_ctrl_c_ends_the_waiting(self):
        script = self.write("early.py", "import scopa; scopa.run_worker(print)")
        early = self.start(sys.executable, str(script), SCOPA_URL=self.NOWHERE)
        self.eventually(lambda: "no broker answers yet" in early.path.read_text(), early)
        self.interrupt(early)
        code, said = self.wait(early)
        self.assertEqual(code, -signal.SIGINT, said)

    def test_an_endpoint_that_is_none_is_an_error_at_once(self):
        done = self.run_script("import scopa; scopa.run_worker(print, url='somewhere')")
        self.assertIn("WorkerError", done.stderr)


class CtrlCTest(FolderTest):
    SCRIPT = """
        import atexit, scopa, sys, time
        atexit.register(lambda: print("cleaned up", flush=True))
        def train(trial):
            trial.log({"loss": 1})
            print("training", flush=True)
            while trial.attempt == 1:
                time.sleep(0.01)
        try:
            scopa.run_worker(train, sys.argv[1])
        finally:
            print("left", flush=True)
        """

    def begin(self, sweep, until):
        script = self.write("worker.py", self.SCRIPT)
        worker = self.start(sys.executable, str(script), sweep)
        self.eventually(lambda: until(worker), worker)
        return worker

    def test_while_it_trains_the_trial_goes_back_to_the_queue(self):
        self.start_broker()
        sweep = self.create("{x: {values: [1]}}")
        worker = self.begin(sweep, lambda worker: "training" in worker.path.read_text())
        self.interrupt(worker)
        code, said = self.wait(worker)
        self.assertEqual(code, -signal.SIGINT, said)
        self.assertIn("KeyboardInterrupt", said)
        self.assertIn("left\n", said)
        self.assertIn("cleaned up", said)
        self.assertEqual(self.trials(sweep)[0]["state"], "queued")
        again = self.begin(sweep, lambda worker: "left" in worker.path.read_text())
        self.assertEqual(self.wait(again)[0], 0)
        self.assertEqual(self.trials(sweep)[0]["state"], "completed")

    def test_while_it_waits_for_a_trial_it_leaves_at_once(self):
        self.start_broker()
        sweep = self.create("{x: {values: [1]}}")
        self.scopa("pause", sweep)

        def waits(worker):
            return json.loads(self.scopa("status", sweep, "--json"))["sweep"]["workers"] == 1

        worker = self.begin(sweep, waits)
        self.interrupt(worker)
        code, said = self.wait(worker)
        self.assertEqual(code, -signal.SIGINT, said)
        self.assertIn("left", said)
        self.assertEqual(self.trials(sweep), {})

    def test_a_handler_of_the_programs_own_stays_in_place(self):
        self.start_broker()
        sweep = self.create("{x: {values: [1]}}")
        out, _ = self.script(
            f"""
            import os, scopa, signal
            mine = lambda number, frame: print("mine")
            signal.signal(signal.SIGINT, mine)
            def train(trial):
                os.kill(os.getpid(), signal.SIGINT)
                trial.log({{"loss": 1}})
            print(scopa.run_worker(train, {sweep!r}).completed)
            print(signal.getsignal(signal.SIGINT) is mine)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            """
        )
        self.assertEqual(out.splitlines(), ["mine", "1", "True"])
