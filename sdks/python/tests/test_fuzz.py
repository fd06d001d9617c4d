"""The fuzzer, for a second in the tests; `tests/fuzz.py` runs it for longer."""

from __future__ import annotations

import unittest

import fuzz


class FuzzTest(unittest.TestCase):
    def test_finds_nothing_in_500_rounds_of_a_fixed_seed(self) -> None:
        self.assertGreater(fuzz.fuzz(20_261_121, 500), 500)

    def test_finds_the_canary(self) -> None:
        with self.assertRaises(fuzz.FuzzFailureError):
            fuzz.fuzz(20_261_121, 100, broken_assembler=True)


if __name__ == "__main__":
    unittest.main()
