import json

from support import FolderTest

SEEN = """
    import json, scopa
    trial = scopa.init()
    p = trial.params
    assert type(p.as_dict()["optimizer"]) is dict
    print(json.dumps({
        "all": dict(p), "nested": p.as_dict(),
        "kinds": {k: type(v).__name__ for k, v in p.items()},
        "attribute": p.lr, "group": p.optimizer.momentum, "item": p["optimizer"]["momentum"],
        "dotted": p["optimizer.momentum"], "default": p.get("other", 7), "none": p.get("nothing", 7),
        "in": ["lr" in p, "optimizer" in p, "other" in p], "len": len(p),
        "float": repr(p.get("whole", 1.5)), "int": repr(p.get("integral", 3)),
    }))
    trial.log({"loss": p.lr})
    """
PARAMETERS = (
    "{lr: {value: 0.0005}, whole: {value: 3}, integral: {value: 64.0}, flag: {values: [true]}, "
    "text: {value: adam}, nothing: {value: null}, list: {value: [1, 2.5, x]}, eps: {value: 1e-8}, "
    "optimizer: {parameters: {momentum: {value: 0.9}, name: {value: sgd}}}}"
)


class SweepTest(FolderTest):
    def test_values_have_the_sweeps_types_and_are_found_in_every_way(self):
        seen = json.loads(self.run_sweep(SEEN, PARAMETERS))
        self.assertEqual(
            {name: seen["all"][name] for name in ("lr", "flag", "text", "nothing", "list", "eps")},
            {"lr": 0.0005, "flag": True, "text": "adam", "nothing": None, "list": [1, 2.5, "x"],
             "eps": 1e-8},
        )
        self.assertEqual(seen["kinds"]["flag"], "bool")
        self.assertEqual(seen["kinds"]["whole"], "int")
        self.assertEqual(seen["nested"]["optimizer"], {"momentum": 0.9, "name": "sgd"})
        self.assertEqual(seen["attribute"], 0.0005)
        self.assertEqual([seen["group"], seen["item"], seen["dotted"]], [0.9] * 3)
        self.assertEqual(seen["default"], 7)
        self.assertIsNone(seen["none"])  # the sweep says null, which is no reason for the default
        self.assertEqual(seen["in"], [True, True, False])
        self.assertEqual(seen["len"], 10)
        self.assertEqual((seen["float"], seen["int"]), ("3.0", "64"))

    def test_a_name_that_the_sweep_lacks_is_an_error_that_names_the_nearest(self):
        log = self.run_sweep(
            """
            import scopa
            trial = scopa.init()
            for read in (lambda: trial.params["learning_rat"], lambda: trial.params.learning_rat):
                try:
                    read()
                except (KeyError, AttributeError) as error:
                    print(type(error).__name__, error.args[0])
            trial.log({"loss": 1})
            """,
            "{learning_rate: {value: 1}, width: {value: 2}}",
        )
        text = "no parameter `learning_rat`; the sweep has learning_rate, width; did you mean `learning_rate`?"
        self.assertEqual(log.splitlines(), [f"KeyError {text}", f"AttributeError {text}"])

    def test_what_the_command_fixes_counts_where_the_sweep_says_nothing(self):
        path = self.sweep(
            """
            import scopa
            trial = scopa.init({"epochs": 3, "lr": 5.0})
            print(trial.params.epochs, trial.params.lr, trial.params.get("name", "x"))
            trial.log({"loss": 1})
            """,
            "{lr: {value: 0.5}}",
        )
        text = path.read_text().replace("'${program}'", "'${program}', --epochs=7, --lr=9, --name=12")
        path.write_text(text)
        self.scopa("run", str(path), "-q")
        self.assertEqual(self.scopa("logs", "@last/0").strip(), "7 0.5 12")


class StandaloneTest(FolderTest):
    SCRIPT = """
        import scopa
        trial = scopa.init({"lr": 0.1, "width": 64, "amp": False, "name": "a", "deep": None})
        p = trial.params
        print(repr([p.lr, p.width, p.amp, p.name, p.deep, p.get("extra", "none"), trial.standalone]))
        trial.log({"loss": 1})
        """

    def test_defaults_count_by_hand(self):
        self.assertEqual(
            self.script(self.SCRIPT), ("[0.1, 64, False, 'a', None, 'none', True]", "")
        )

    def test_the_command_line_replaces_them_in_their_types(self):
        out, _ = self.script(
            self.SCRIPT, "--lr=1", "--width", "32", "name=7", "--deep=[1,2]", "--extra=5", "--amp"
        )
        self.assertEqual(out, "[1.0, 32, True, '7', [1, 2], '5', True]")
        for word in ("True", "yes", "1", "on"):
            self.assertIn(", True, 'a'", self.script(self.SCRIPT, f"--amp={word}")[0])
        self.assertIn(", False, 'a'", self.script(self.SCRIPT, "--amp=False")[0])
        self.assertIn(", True, 'a'", self.script(self.SCRIPT, "--amp", "data.txt")[0])

    def test_a_number_that_is_none_ends_the_program_and_says_which(self):
        done = self.run_script(self.SCRIPT, "--lr=fast")
        self.assertEqual(done.returncode, 1)
        self.assertIn("parameter `lr` is not a number: `fast`", done.stderr)
        done = self.run_script(self.SCRIPT, "--amp=perhaps")
        self.assertIn("parameter `amp` is not true or false: `perhaps`", done.stderr)

    def test_without_a_default_it_says_how_to_give_a_value(self):
        text = "import scopa; print(scopa.init().params.lr)"
        self.assertIn("--lr=...", self.run_script(text).stderr)
        self.assertEqual(self.script(text, "--lr=1e-3")[0], "0.001")

    def test_its_journal_tells_what_it_was_run_with(self):
        self.script(self.SCRIPT, "--lr=0.125")
        (header,) = (self.folder / ".scopa/standalone").glob("*/header")
        self.assertIn(b"lr", header.read_bytes())
        self.assertIn(b"width", header.read_bytes())

    def test_a_seed_comes_from_the_command_line(self):
        self.assertEqual(self.script("import scopa; print(scopa.init().seed)", "--seed=9")[0], "9")
