// Mapping the segment; see segment.hpp.
#include "segment.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>

#include "ring.hpp"

namespace millrace::detail {
namespace {

constexpr int kSealsNeeded = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW;

/// Cells of each ring; 0: this is no segment of that length.
std::uint32_t cells_of(std::byte* memory, std::size_t length) noexcept {
  if (std::memcmp(memory, wire::kSegmentMagic.data(), wire::kSegmentMagic.size()) != 0) return 0;
  const std::uint32_t cells =
      word_at(memory, wire::kCellsSegmentOffset).load(std::memory_order_relaxed);
  const bool right = word_at(memory, wire::kLayoutSegmentOffset).load(std::memory_order_relaxed) ==
                         wire::kSegmentLayout &&
                     cells >= wire::kRingCellsMin && cells <= wire::kRingCellsMax &&
                     (cells & (cells - 1)) == 0 &&
                     length == wire::kSegmentCellsAt + 2 * std::size_t{cells} * wire::kMessageBytes;
  return right ? cells : 0;
}

}  // namespace

std::unique_ptr<segment> segment::open(const char* number) {
  if (number == nullptr) return nullptr;
  const std::string_view text = number;
  int fd = -1;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), fd);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || fd < 0) return nullptr;
  const int seals = ::fcntl(fd, F_GET_SEALS);
  struct stat about {};
  if (seals < 0 || (seals & kSealsNeeded) != kSealsNeeded || ::fstat(fd, &about) != 0) {
    return nullptr;
  }
  const auto length = static_cast<std::size_t>(about.st_size);
  if (length < wire::kSegmentCellsAt) return nullptr;
  void* mapped = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) return nullptr;
  auto* memory = static_cast<std::byte*>(mapped);
  const std::uint32_t cells = cells_of(memory, length);
  if (cells == 0) {
    ::munmap(mapped, length);
    return nullptr;
  }
  ::close(fd);
  return std::unique_ptr<segment>{new segment{memory, length, cells}};
}

segment::~segment() { ::munmap(memory_, length_); }

std::uint32_t segment::poll_us() const noexcept {
  return std::min(word_at(memory_, wire::kPollUsSegmentOffset).load(std::memory_order_relaxed),
                  wire::kRingPollUsMax);
}

}  // namespace millrace::detail
