import re

from support import ROOT, FolderTest


class WandbLogTest(FolderTest):
    def log(self, body, **env):
        journal = self.journal()
        script = f"from scopa import wandb\nrun = wandb.init()\n{body}"
        out, err = self.script(script, SCOPA_JOURNAL=journal, **env)
        return self.points(journal), out, err

    def test_each_call_is_a_step_unless_it_is_not_committed(self):
        points, out, _ = self.log(
            """
wandb.log({"loss": 1})
wandb.log({"loss": 2, "acc": 3}, commit=False)
wandb.log({"lr": 4})
run.log({"loss": 5})
print(run.step)
"""
        )
        self.assertEqual(
            points, [("loss", 0, 1), ("loss", 1, 2), ("acc", 1, 3), ("lr", 1, 4), ("loss", 2, 5)]
        )
        self.assertEqual(out, "3")

    def test_a_step_that_is_given_holds_until_it_is_committed(self):
        points, _, _ = self.log(
            """
wandb.log({"loss": 1}, step=10)
wandb.log({"acc": 2}, step=10)
wandb.log({"lr": 3})
wandb.log({"loss": 4})
wandb.log({"loss": 5}, step=20, commit=True)
wandb.log({"loss": 6})
"""
        )
        self.assertEqual(
            points,
            [("loss", 10, 1), ("acc", 10, 2), ("lr", 10, 3), ("loss", 11, 4), ("loss", 20, 5),
             ("loss", 21, 6)],
        )

    def test_nested_values_have_paths_and_what_is_no_number_is_told_once(self):
        points, _, err = self.log(
            "for i in range(3): wandb.log({'eval': {'loss': i}, 'note': 'text', 'img': wandb.Image('a.png')})"
        )
        self.assertEqual(points, [("eval/loss", i, i) for i in range(3)])
        self.assertEqual(len(err.splitlines()), 2, err)
        self.assertIn("metric `note` is left out", err)
        self.assertIn("wandb.Image does nothing here", err)

    def test_define_metric_gives_a_step_and_what_to_keep(self):
        points, out, err = self.log(
            """
wandb.define_metric("epoch")
wandb.define_metric("val/*", step_metric="epoch", summary="max")
wandb.define_metric("val/error", step_metric="epoch", summary="best", goal="minimize")
for epoch in range(2):
    for batch in range(2): wandb.log({"loss": batch})
    wandb.log({"epoch": epoch, "val/acc": 0.9 - epoch / 10, "val/error": epoch})
print(wandb.summary["val/acc"], wandb.summary["val/acc.max"], wandb.summary["val/error.best"], wandb.summary.loss)
"""
        )
        self.assertEqual([p for p in points if p[0] == "val/acc"], [("val/acc", 0, 0.9), ("val/acc", 1, 0.8)])
        self.assertEqual([step for name, step, _ in points if name == "loss"], [0, 1, 3, 4])
        self.assertEqual(out, "0.8 0.9 0.0 1")
        self.assertEqual(err, "")

    def test_a_sweep_may_aim_at_what_define_metric_keeps_or_the_summary_holds(self):
        script = """
            from scopa import wandb
            run = wandb.init()
            wandb.define_metric("acc", summary="max")
            for acc in (0.5, 0.75, 0.25): wandb.log({"acc": acc})
            run.summary["best"] = 7
            run.summary.update({"text": "kept", "other": 8})
            wandb.run.summary.third = 9
            print(run.summary["text"])
            """
        for metric, value in (("acc.max", 0.75), ("best", 7), ("other", 8), ("third", 9), ("acc", 0.25)):
            self.assertEqual(self.run_sweep(script, "{x: {value: 1}}", metric=metric), "kept\n")
            self.assertEqual(self.trials()[0]["value"], value, metric)

    def test_runs_follow_each_other_and_init_twice_is_one(self):
        points, out, err = self.log(
            """
same = wandb.init(config={"a": 1})
print(same is run, wandb.run is run, run.config.a)
wandb.log({"loss": 1})
run.finish()
print(wandb.run)
with wandb.init() as second:
    second.log({"loss": 2})
third = wandb.init()
fourth = wandb.init(reinit=True)
print(third is fourth, third.finished, wandb.run is fourth)
try: third.log({"loss": 3})
except wandb.Error as e: print("refused")
wandb.finish()
"""
        )
        self.assertEqual(out.splitlines(), ["True True 1", "None", "False True True", "refused"])
        self.assertEqual([value for _, _, value in points], [1, 2])
        self.assertEqual(err, "")

    def test_a_disabled_run_has_a_config_and_logs_nothing(self):
        journal = self.journal()
        out, _ = self.script(
            "from scopa import wandb\nrun = wandb.init(mode='disabled')\nwandb.log({'loss': 1})\n"
            "run.summary['x'] = 1\nprint(run.config.lr, run.disabled)",
            SCOPA_JOURNAL=journal,
        )
        self.assertEqual((out, self.points(journal)), ("0.25 True", []))

    def test_what_is_not_there_is_a_no_op_or_an_error_and_named_once(self):
        _, out, err = self.log(
            """
for _ in range(2):
    wandb.watch(None, log="all"); run.watch(None); wandb.save("m.pt"); wandb.alert(title="t", text="x")
    artifact = wandb.Artifact("a", type="model")
    artifact.add_file("x"); run.log_artifact(artifact).wait()
    table = wandb.Table(columns=["a"]); table.add_data(1)
    wandb.log({"t": table, "h": wandb.Histogram([1]), "p": wandb.plot.line(table, "a", "b")})
for call in (lambda: wandb.Api(), lambda: wandb.restore("x"), lambda: run.use_artifact("a")):
    try: call()
    except NotImplementedError as e: print(e)
try: wandb.nothing_like_it
except AttributeError as e: print(e)
try: run.nothing_like_it
except AttributeError as e: print(e)
wandb.login(); wandb.setup(); wandb.init(settings=wandb.Settings(start_method="fork"))
print(len(wandb.util.generate_id()), run.name, run.id, run.sweep_id, run.dir == str(run.trial.folder))
"""
        )
        told = ["Artifact", "Histogram", "Table", "alert", "log_artifact", "plot", "save", "watch"]
        lines = sorted(err.splitlines())
        self.assertEqual(len(lines), len(told), err)
        for name, line in zip(told, lines):
            self.assertIn(f"wandb.{name} does nothing here", line)
        lines = out.splitlines()
        self.assertIn("wandb.Api is not there", lines[0])
        self.assertIn("run.use_artifact is not there", lines[2])
        self.assertIn("wandb.nothing_like_it", lines[3])
        self.assertEqual(lines[5], "8 k3v9q2ha-17 k3v9q2ha-17 k3v9q2ha True")


class DocumentTest(FolderTest):
    def test_the_list_of_calls_names_each_that_is_not_there_and_only_calls_that_are(self):
        from scopa import _wandb_absent as absent
        from scopa import wandb

        document = (ROOT / "docs/compatibility.md").read_text().split("## The calls of wandb's")[1]
        rows = [line.split("|")[1:3] for line in document.splitlines() if line.startswith("| `")]
        self.assertGreater(len(rows), 8)
        names = {"do nothing": set(), "are errors": set(), "are there": set()}
        for calls, here in rows:
            for kind in names:
                if here.strip().startswith(kind):
                    names[kind] = set(re.findall(r"`([\w.*]+)[`(]", calls))
        quiet = names["do nothing"] - {"plot.*", "init", "sweep"}
        said = absent.NO_OPS | absent.MEDIA
        self.assertEqual(said - quiet, set("Classes JoinedTable finish_artifact upsert_artifact".split()))
        self.assertEqual(quiet - said, set())
        self.assertEqual(names["are errors"], set(absent.REFUSED))
        self.assertIn("login", names["are there"])
        for name in names["are there"]:
            found = wandb
            for part in name.split("."):
                found = getattr(found, part)


class StopTest(FolderTest):
    def stopped(self, text):
        journal = self.journal()
        self.stop(journal)
        return self.run_script("from scopa import wandb\n" + text, SCOPA_JOURNAL=journal), journal

    def test_log_ends_a_script_that_should_stop_in_order_and_once(self):
        done, journal = self.stopped(
            """
run = wandb.init()
try:
    for i in range(5):
        try: wandb.log({"loss": i})
        except Exception: print("an exception")
finally:
    wandb.log({"final": 1})
    run.finish()
    print("cleaned up")
"""
        )
        self.assertEqual((done.returncode, done.stdout.strip(), done.stderr), (0, "cleaned up", ""))
        self.assertEqual(self.points(journal), [("loss", 0, 0), ("final", 1, 1)])

    def test_who_asks_ends_by_itself(self):
        done, journal = self.stopped(
            """
run = wandb.init()
for i in range(5):
    if run.should_stop(): break
    wandb.log({"loss": i})
wandb.log({"saved": 1})
"""
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.points(journal), [("saved", 0, 1)])

    def test_in_another_thread_it_raises_nothing(self):
        done, _ = self.stopped(
            """
import threading
wandb.init()
thread = threading.Thread(target=lambda: (wandb.log({"loss": 1}), print("went on")))
thread.start(); thread.join()
"""
        )
        self.assertEqual(done.stdout.strip(), "went on")
