import os
import pathlib
import shutil

from support import FolderTest

HELLO = "import scopa; print(scopa.init().id)"


class LibraryTest(FolderTest):
    def test_a_file_and_its_folder_name_the_library(self):
        folder = pathlib.Path(os.environ["SCOPA_LIBRARY"])
        for place in (folder, folder / "libscopa.so.0"):
            self.assertEqual(self.script(HELLO, SCOPA_LIBRARY=str(place)), ("standalone", ""))

    def test_without_a_name_the_build_tree_has_it(self):
        self.assertEqual(self.script(HELLO, SCOPA_LIBRARY="")[0], "standalone")

    def test_what_was_named_and_is_not_there_is_an_error_with_the_remedy(self):
        done = self.run_script(HELLO, SCOPA_LIBRARY="/nowhere/libscopa.so")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nowhere/libscopa.so: not there", done.stderr)
        self.assertIn("SCOPA_LIBRARY=/path/to/libscopa.so", done.stderr)

    def test_a_package_without_a_library_says_where_it_looked_and_how_to_build_it(self):
        import scopa

        shutil.copytree(pathlib.Path(scopa.__file__).parent, self.folder / "alone" / "scopa")
        env = {"PYTHONPATH": str(self.folder / "alone"), "SCOPA_LIBRARY": "", "LD_LIBRARY_PATH": ""}
        done = self.run_script(HELLO, **env)
        if done.returncode == 0:
            self.skipTest("libscopa is installed on this machine")
        self.assertIn("LibraryNotFound", done.stderr)
        self.assertIn(str(self.folder / "alone" / "scopa" / "libscopa.so.0"), done.stderr)
        self.assertIn("scripts/build", done.stderr)

    def test_importing_needs_no_library_and_a_missing_one_is_an_import_error(self):
        text = """
            import scopa
            from scopa import wandb
            for call in (scopa.init, wandb.init, lambda: scopa.run_worker(print)):
                try:
                    call()
                except ImportError as error:
                    print(type(error).__name__)
            """
        self.assertEqual(self.script(text, SCOPA_LIBRARY="/nowhere")[0].split(), ["LibraryNotFound"] * 3)

    def test_a_library_that_is_none_of_ours_is_refused(self):
        other = self.write("libscopa.so", "no library")
        done = self.run_script(HELLO, SCOPA_LIBRARY=str(other))
        self.assertIn("libscopa.so: ", done.stderr)
        self.assertIn("LibraryNotFound", done.stderr)

    def test_two_lines_hold_a_whole_trainer(self):
        text = """
            import scopa
            scopa.init().log({"loss": 1.0})
            """
        self.script(text)
        self.assertEqual(len(list((self.folder / ".scopa/standalone").iterdir())), 1)
