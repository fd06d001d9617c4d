// Calls by id: open addressing, no allocation while it keeps its size. Ids of one side rise by two,
// so that an id's half is a perfect hash for most of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace millrace::detail {

/// A map from call ids (never 0) to objects that somebody else owns.
template <class Call>
class id_map {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  [[nodiscard]] Call* find(std::uint32_t id) const noexcept {
    for (std::size_t at = home(id);; at = (at + 1) & mask()) {
      if (slots_[at].id == id) return slots_[at].call;
      if (slots_[at].id == 0) return nullptr;
    }
  }

  /// The id must not be there.
  void insert(std::uint32_t id, Call* call) {
    if ((size_ + 1) * 2 > slots_.size()) grow();
    place(id, call);
    size_ += 1;
  }

  /// The id must be there.
  void erase(std::uint32_t id) noexcept {
    std::size_t hole = home(id);
    while (slots_[hole].id != id) hole = (hole + 1) & mask();
    // Moves back whoever was pushed on by the one that leaves, so that no grave is needed.
    for (std::size_t at = (hole + 1) & mask(); slots_[at].id != 0; at = (at + 1) & mask()) {
      const std::size_t wanted = home(slots_[at].id);
      if (((at - wanted) & mask()) >= ((at - hole) & mask())) {
        slots_[hole] = slots_[at];
        hole = at;
      }
    }
    slots_[hole] = {};
    size_ -= 1;
  }

  /// Gives each call to `visit`, which must not change the map.
  template <class Visit>
  void each(Visit visit) const {
    for (const slot& one : slots_) {
      if (one.id != 0) visit(*one.call);
    }
  }

  void clear() noexcept {
    for (slot& one : slots_) one = {};
    size_ = 0;
  }

 private:
  struct slot {
    std::uint32_t id = 0;
    Call* call = nullptr;
  };

  [[nodiscard]] std::size_t mask() const noexcept { return slots_.size() - 1; }
  [[nodiscard]] std::size_t home(std::uint32_t id) const noexcept { return (id >> 1U) & mask(); }

  void place(std::uint32_t id, Call* call) noexcept {
    std::size_t at = home(id);
    while (slots_[at].id != 0) at = (at + 1) & mask();
    slots_[at] = {id, call};
  }

  void grow() {
    std::vector<slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const slot& one : old) {
      if (one.id != 0) place(one.id, one.call);
    }
  }

  std::vector<slot> slots_ = std::vector<slot>(16);
  std::size_t size_ = 0;
};

}  // namespace millrace::detail
