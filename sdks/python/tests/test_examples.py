"""The README's samples are files, and the files are run."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path

SDK = Path(__file__).resolve().parents[1]
EXAMPLES = SDK / "examples"


class ReadmeTest(unittest.TestCase):
    def test_every_python_sample_stands_in_an_example(self) -> None:
        files = [path.read_text("utf-8") for path in EXAMPLES.glob("*.py")]
        squeezed = ["".join(text.split()) for text in files]
        samples = (SDK / "README.md").read_text("utf-8").split("```python\n")[1:]
        self.assertGreater(len(samples), 2)
        for sample in samples:
            code = sample.partition("```")[0]
            with self.subTest(code.partition("\n")[0]):
                self.assertTrue(any("".join(code.split()) in text for text in squeezed), "no example has this sample")

    def test_the_examples_own_tests_pass(self) -> None:
        sys.path.insert(0, str(EXAMPLES))
        self.addCleanup(sys.path.remove, str(EXAMPLES))
        suite = unittest.defaultTestLoader.discover(str(EXAMPLES), top_level_dir=str(EXAMPLES))
        result = unittest.TestResult()
        suite.run(result)
        self.assertGreater(result.testsRun, 1)
        self.assertEqual((result.errors, result.failures), ([], []))


if __name__ == "__main__":
    unittest.main()
