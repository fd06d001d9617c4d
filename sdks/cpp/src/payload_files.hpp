// This worker's payload directory: files that it reads once and files that it writes. Rules
// file-regular, file-size-exact, file-read-once, file-removed.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "limits.hpp"
#include "millrace/bytes.hpp"

namespace millrace::detail {

/// A file that was read may be written anew, and then only to go back to where it came from: who
/// wrote it may still have it open. `owner` says where that is. Used under the worker's lock.
class payload_files {
 public:
  /// `directory`: as the launch names it; empty: it names none.
  explicit payload_files(std::string directory) : directory_(std::move(directory)) {}
  payload_files(const payload_files&) = delete;
  payload_files& operator=(const payload_files&) = delete;
  ~payload_files();

  [[nodiscard]] bool given() const noexcept { return !directory_.empty(); }

  /// Reads a file into `into` and takes it; it is kept for `owner` within bounds, and else removed.
  /// Gives the rule that it breaks, empty: none; then it is removed, too.
  [[nodiscard]] std::string_view read(std::string_view name, std::size_t size,
                                      const std::string& owner, bytes& into);
  /// Writes a file, in the room of one kept for `owner` if there is one. Gives its name; empty:
  /// there is no room.
  [[nodiscard]] std::string write(bytes_view payload, const std::string& owner);
  /// Removes what is kept for `owner`.
  void release(const std::string& owner);
  /// Removes a file unread. What can't be removed goes with the directory.
  void discard(std::string_view name);

 private:
  struct kept_file {
    std::string owner;
    std::string name;
    int fd = -1;
    std::size_t size = 0;
  };
  void forget(std::deque<kept_file>::iterator at);
  void drop(std::string_view name, int fd);
  [[nodiscard]] std::string path(std::string_view name) const;

  const std::string directory_;
  /// Oldest first.
  std::deque<kept_file> kept_;
  std::size_t kept_bytes_ = 0;
  std::uint64_t number_ = 0;
};

/// An input's file may only go back as the output of its call.
[[nodiscard]] inline std::string call_owner(std::uint32_t id) {
  return "call " + std::to_string(id);
}
/// An output's file may only go back as an input of the same function.
[[nodiscard]] inline std::string function_owner(const std::string& name) {
  return "function " + name;
}

}  // namespace millrace::detail
