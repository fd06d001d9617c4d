// Segments as an engine makes them, and what looks like one.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include "ring.hpp"
#include "segment.hpp"

namespace millrace::support {

inline constexpr std::uint32_t kCells = wire::kRingCellsMin;
inline constexpr int kAllSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW;

constexpr std::size_t segment_bytes(std::uint32_t cells) {
  return wire::kSegmentCellsAt + 2 * std::size_t{cells} * wire::kMessageBytes;
}

/// How a file differs from a segment with 16 cells.
struct file_shape {
  std::string magic{wire::kSegmentMagic};
  std::uint32_t layout = wire::kSegmentLayout;
  std::uint32_t cells = kCells;
  std::size_t length = segment_bytes(kCells);
  int seals = kAllSeals;
};

/// Its descriptor, which the caller owns.
inline int memory_file(const file_shape& shape = {}) {
  const int fd = ::memfd_create("millrace-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  std::string head(wire::kSegmentCellsAt, '\0');
  std::memcpy(head.data(), shape.magic.data(), shape.magic.size());
  std::memcpy(head.data() + wire::kLayoutSegmentOffset, &shape.layout, sizeof shape.layout);
  std::memcpy(head.data() + wire::kCellsSegmentOffset, &shape.cells, sizeof shape.cells);
  const std::size_t length = std::min(shape.length, head.size());
  if (fd < 0 || ::ftruncate(fd, static_cast<off_t>(shape.length)) != 0 ||
      ::pwrite(fd, head.data(), length, 0) != static_cast<ssize_t>(length) ||
      ::fcntl(fd, F_ADD_SEALS, shape.seals) != 0) {
    throw std::runtime_error("no memory file");
  }
  return fd;
}

/// An open segment with 16 cells.
inline std::unique_ptr<detail::segment> new_segment() {
  auto opened = detail::segment::open(std::to_string(memory_file()).c_str());
  if (opened == nullptr) throw std::runtime_error("the segment was refused");
  return opened;
}

}  // namespace millrace::support
