// The buffers behind `bytes`, the pool of each thread, and the large ones of the process.
#include "millrace/bytes.hpp"

#include <algorithm>
#include <array>
#include <mutex>
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

/// Large blocks that were given back, the latest last. For all threads: a payload is often read by
/// one and given back by another.
class large_block_pool {
 public:
  struct block {
    std::byte* data = nullptr;
    std::size_t capacity = 0;
  };

  /// One of `size` bytes or more.
  block take(std::size_t size) {
    {
      const std::lock_guard lock{mutex_};
      for (std::size_t i = count_; i-- > 0;) {
        const block found = kept_[i];
        if (found.capacity < size || found.capacity / detail::kLargeFitDivisor > size) continue;
        remove(i);
        return found;
      }
    }
    return {static_cast<std::byte*>(::operator new(size)), size};
  }

  void give(block returned) noexcept {
    if (returned.capacity > detail::kLargeKeptBytesMax) {
      ::operator delete(returned.data);
      return;
    }
    const std::lock_guard lock{mutex_};
    while (count_ == kept_.size() || bytes_ + returned.capacity > detail::kLargeKeptBytesMax) {
      ::operator delete(kept_[0].data);
      remove(0);
    }
    kept_[count_++] = returned;
    bytes_ += returned.capacity;
  }

 private:
  void remove(std::size_t at) noexcept {
    bytes_ -= kept_[at].capacity;
    std::copy(kept_.begin() + static_cast<std::ptrdiff_t>(at) + 1,
              kept_.begin() + static_cast<std::ptrdiff_t>(count_),
              kept_.begin() + static_cast<std::ptrdiff_t>(at));
    count_ -= 1;
  }

  std::mutex mutex_;
  std::array<block, detail::kLargeKeptMax> kept_{};
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

/// Never destroyed: static buffers may be given back after anything else.
large_block_pool& large_blocks() {
  static auto* const blocks = new large_block_pool;
  return *blocks;
}

}  // namespace

void bytes::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return;
  std::byte* larger = nullptr;
  std::size_t room = detail::kPooledBlockBytes;
  if (capacity <= detail::kPooledBlockBytes) {
    larger = pool.take();
  } else if (capacity >= detail::kLargeBlockBytesMin) {
    const auto block = large_blocks().take(capacity);
    larger = block.data;
    room = block.capacity;
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

void bytes::resize_for_overwrite(std::size_t size) {
  if (size > capacity_) reserve(size);
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
  } else if (capacity_ >= detail::kLargeBlockBytesMin) {
    large_blocks().give({data_, capacity_});
  } else {
    ::operator delete(data_);
  }
  data_ = nullptr;
  size_ = 0;
  capacity_ = 0;
}

}  // namespace millrace
