// The buffers behind `bytes`, and the pool of each thread.
#include "millrace/bytes.hpp"

#include <algorithm>
#include <array>
#include <new>

#include "limits.hpp"

namespace millrace {
namespace {

/// Free blocks of one thread. A block may be freed by another thread than took it: it joins that
/// one's pool.
class block_pool {
 public:
  block_pool() noexcept = default;
  block_pool(const block_pool&) = delete;
  block_pool& operator=(const block_pool&) = delete;
  ~block_pool() {
    closed_ = true;
    while (count_ > 0) ::operator delete(blocks_[--count_]);
  }

  std::byte* take() {
    if (count_ > 0) return blocks_[--count_];
    return static_cast<std::byte*>(::operator new(detail::kPooledBlockBytes));
  }

  void give(std::byte* block) noexcept {
    // Static buffers may outlive the thread's pool.
    if (!closed_ && count_ < blocks_.size()) {
      blocks_[count_++] = block;
    } else {
      ::operator delete(block);
    }
  }

 private:
  std::array<std::byte*, detail::kPooledBlocksMax> blocks_{};
  std::size_t count_ = 0;
  bool closed_ = false;
};

thread_local block_pool pool;

}  // namespace

void bytes::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return;
  std::byte* larger = nullptr;
  std::size_t room = detail::kPooledBlockBytes;
  if (capacity <= detail::kPooledBlockBytes) {
    larger = pool.take();
  } else {
    room = capacity;
    larger = static_cast<std::byte*>(::operator new(room));
  }
  if (size_ > 0) std::memcpy(larger, data_, size_);
  const std::size_t size = size_;
  release();
  data_ = larger;
  size_ = size;
  capacity_ = room;
}

void bytes::resize(std::size_t size) {
  if (size > capacity_) reserve(size);
  if (size > size_) std::memset(data_ + size_, 0, size - size_);
  size_ = size;
}

void bytes::append(bytes_view more) {
  if (more.empty()) return;
  const std::size_t needed = size_ + more.size();
  if (needed > capacity_) {
    // `more` may lie in this very buffer, which growing gives back.
    bytes larger;
    larger.reserve(capacity_ == 0 ? needed : std::max(needed, 2 * capacity_));
    if (size_ > 0) std::memcpy(larger.data_, data_, size_);
    std::memcpy(larger.data_ + size_, more.data(), more.size());
    larger.size_ = needed;
    swap(larger);
    return;
  }
  std::memmove(data_ + size_, more.data(), more.size());
  size_ = needed;
}

void bytes::release() noexcept {
  if (data_ == nullptr) return;
  if (capacity_ == detail::kPooledBlockBytes) {
    pool.give(data_);
  } else {
    ::operator delete(data_);
  }
  data_ = nullptr;
  size_ = 0;
  capacity_ = 0;
}

}  // namespace millrace
