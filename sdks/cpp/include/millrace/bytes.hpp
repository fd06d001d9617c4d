/// Bytes: what functions take and give. Owned buffers come from a pool of the thread, so that calls
/// in a steady state allocate nothing.
#pragma once

#include <compare>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace millrace {

/// A look at bytes that somebody else owns. Cheap to copy; valid as long as what it looks at.
class bytes_view {
 public:
  constexpr bytes_view() noexcept = default;
  constexpr bytes_view(const std::byte* data, std::size_t size) noexcept
      : data_(data), size_(size) {}
  constexpr bytes_view(std::span<const std::byte> bytes) noexcept
      : data_(bytes.data()), size_(bytes.size()) {}
  bytes_view(std::string_view text) noexcept
      : data_(reinterpret_cast<const std::byte*>(text.data())), size_(text.size()) {}
  bytes_view(const std::string& text) noexcept : bytes_view(std::string_view{text}) {}
  bytes_view(const char* text) noexcept : bytes_view(std::string_view{text}) {}

  [[nodiscard]] constexpr const std::byte* data() const noexcept { return data_; }
  /// Unit: bytes.
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] constexpr const std::byte* begin() const noexcept { return data_; }
  [[nodiscard]] constexpr const std::byte* end() const noexcept { return data_ + size_; }
  [[nodiscard]] constexpr std::byte operator[](std::size_t at) const noexcept { return data_[at]; }
  /// At most `count` bytes from `from` on; `from` must not be above `size()`.
  [[nodiscard]] constexpr bytes_view sub(
      std::size_t from, std::size_t count = std::string_view::npos) const noexcept {
    const std::size_t rest = size_ - from;
    return {data_ + from, count < rest ? count : rest};
  }
  /// The same bytes as text; their encoding is not checked.
  [[nodiscard]] std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(data_), size_};
  }
  constexpr operator std::span<const std::byte>() const noexcept { return {data_, size_}; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Whether both have the same bytes.
[[nodiscard]] inline bool operator==(bytes_view a, bytes_view b) noexcept {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

/// A buffer that owns its bytes. Moves are cheap; copies copy. Up to 1 KiB comes from a pool of the
/// thread; from 64 KiB on up to 32 MiB of those that were given back are used anew.
class bytes {
 public:
  bytes() noexcept = default;
  /// `size` zero bytes.
  explicit bytes(std::size_t size) { resize(size); }
  /// A copy of the bytes.
  bytes(bytes_view from) { append(from); }
  bytes(std::string_view text) : bytes(bytes_view{text}) {}
  bytes(const std::string& text) : bytes(bytes_view{text}) {}
  bytes(const char* text) : bytes(bytes_view{text}) {}
  bytes(const bytes& other) : bytes(other.view()) {}
  bytes(bytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  bytes& operator=(const bytes& other) {
    if (this != &other) {
      bytes copy{other};
      swap(copy);
    }
    return *this;
  }
  bytes& operator=(bytes&& other) noexcept {
    swap(other);
    return *this;
  }
  ~bytes() { release(); }

  [[nodiscard]] std::byte* data() noexcept { return data_; }
  [[nodiscard]] const std::byte* data() const noexcept { return data_; }
  /// Unit: bytes.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::byte* begin() noexcept { return data_; }
  [[nodiscard]] std::byte* end() noexcept { return data_ + size_; }
  [[nodiscard]] const std::byte* begin() const noexcept { return data_; }
  [[nodiscard]] const std::byte* end() const noexcept { return data_ + size_; }
  std::byte& operator[](std::size_t at) noexcept { return data_[at]; }
  std::byte operator[](std::size_t at) const noexcept { return data_[at]; }

  [[nodiscard]] bytes_view view() const noexcept { return {data_, size_}; }
  operator bytes_view() const noexcept { return view(); }
  operator std::span<const std::byte>() const noexcept { return {data_, size_}; }
  /// The same bytes as text; their encoding is not checked.
  [[nodiscard]] std::string_view text() const noexcept { return view().text(); }

  /// Makes room; never shrinks.
  void reserve(std::size_t capacity);
  /// Changes the size; new bytes are zero.
  void resize(std::size_t size);
  /// As `resize`, for who writes all new bytes next: they may hold anything until then.
  void resize_for_overwrite(std::size_t size);
  void append(bytes_view more);
  void push_back(std::byte one) { append({&one, 1}); }
  /// Keeps the room.
  void clear() noexcept { size_ = 0; }
  void swap(bytes& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  void release() noexcept;

  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

[[nodiscard]] inline bool operator==(const bytes& a, const bytes& b) noexcept {
  return a.view() == b.view();
}

}  // namespace millrace
