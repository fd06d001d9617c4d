"""What a worker does with a segment of rings that it will not use."""

from __future__ import annotations

import fcntl
import os
import tempfile
import unittest

from millrace._segment import decline_segment

_F_ADD_SEALS = 1033


class SegmentTest(unittest.TestCase):
    def test_a_sealed_memory_file_is_closed(self) -> None:
        fd = os.memfd_create("millrace-ring", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        fcntl.fcntl(fd, _F_ADD_SEALS, 0b111)
        decline_segment(str(fd))
        with self.assertRaises(OSError):
            os.fstat(fd)

    def test_any_other_file_stays_open(self) -> None:
        unsealed = os.memfd_create("other", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        with tempfile.TemporaryFile() as file:
            for fd in (unsealed, file.fileno()):
                decline_segment(str(fd))
                os.fstat(fd)
        os.close(unsealed)

    def test_what_is_no_number_of_a_descriptor_is_passed_over(self) -> None:
        for number in (None, "", "-1", "x", "99999", "9" * 30):
            decline_segment(number)


if __name__ == "__main__":
    unittest.main()
