"""How functions are tested: without an engine process, by any test runner."""

import unittest

from calls import discounted, price, total
from hello import greet
from millrace import MillraceError
from millrace.testing import TestEngine, context


class HelloTest(unittest.TestCase):
    def test_greet_is_a_plain_function_too(self) -> None:
        self.assertEqual(greet("Ada"), "Hello, Ada")

    def test_total_adds_up_prices(self) -> None:
        with TestEngine(price, total, discounted) as engine:
            self.assertEqual(engine.call(discounted, [{"item": "tea", "count": 2}, {"item": "cake"}]), 8.1)
            engine.fail(price, MillraceError("bad_input", "sold out")).once()
            with self.assertRaisesRegex(MillraceError, "sold out"):
                engine.call("total", [{"item": "tea"}])

    def test_total_gives_up_after_a_while(self) -> None:
        self.assertEqual(context(remaining_s=0.5).remaining_s, 0.5)


if __name__ == "__main__":
    unittest.main()
