// Names of functions and their ids: those that WELCOME told, and those asked for by RESOLVE, once
// for all who wait.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "channel.hpp"
#include "millrace/error.hpp"
#include "verdict.hpp"

namespace millrace::detail {

struct pending_call;

/// Gets the id of a name that was asked for, or why there is none.
class name_listener {
 public:
  virtual void on_name(pending_call& call, std::uint32_t id) = 0;
  virtual void on_no_name(pending_call& call, const error& why) = 0;

 protected:
  ~name_listener() = default;
};

/// The cache of one worker (rules resolve-cached, limit-open-resolves, resolved-open).
class names {
 public:
  names(channel& channel, name_listener& listener) : channel_(channel), listener_(listener) {}

  /// RESOLVEs that may be open at once, from WELCOME.
  void allow(std::uint32_t open_max) noexcept { open_max_ = open_max; }
  /// The id of a name; 0: not known.
  [[nodiscard]] std::uint32_t lookup(std::string_view name) const {
    const auto found = ids_.find(name);
    return found == ids_.end() ? 0 : found->second;
  }
  void remember(const std::string& name, std::uint32_t id);
  /// The engine does not know this id any more.
  void forget(std::string_view name, std::uint32_t id);
  /// Asks the engine. The listener is told later, or at once when too many ask already.
  void ask(const std::string& name, pending_call& call);
  /// RESOLVED.
  breach resolved(const std::byte* message);
  /// The channel is gone: everyone who waits is told.
  void fail_all(const error& why);

 private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  template <class Value>
  using by_name = std::unordered_map<std::string, Value, text_hash, std::equal_to<>>;

  void resolve(const std::string& name);

  channel& channel_;
  name_listener& listener_;
  std::uint32_t open_max_ = 0;
  std::uint32_t open_ = 0;
  by_name<std::uint32_t> ids_;
  /// Who waits; a name is here as long as its RESOLVE is open or waits for a place.
  by_name<std::vector<pending_call*>> waiters_;
  /// Names whose RESOLVE waits for a place, oldest first.
  std::vector<std::string> unasked_;
};

}  // namespace millrace::detail
