// Reads JSON, as far as the vectors and the registry of rules need it.
#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace support {

/// One JSON value. Numbers are integers: the vectors have no others.
struct json {
  using list = std::vector<json>;
  using object = std::map<std::string, json, std::less<>>;
  std::variant<std::nullptr_t, bool, std::int64_t, std::string, list, object> value = nullptr;

  [[nodiscard]] const object& fields() const { return std::get<object>(value); }
  [[nodiscard]] const list& items() const { return std::get<list>(value); }
  [[nodiscard]] const std::string& text() const { return std::get<std::string>(value); }
  [[nodiscard]] std::int64_t number() const { return std::get<std::int64_t>(value); }
  /// The field, or null.
  [[nodiscard]] const json* find(std::string_view name) const {
    const auto found = fields().find(name);
    return found == fields().end() ? nullptr : &found->second;
  }
  [[nodiscard]] const json& at(std::string_view name) const {
    const json* found = find(name);
    if (found == nullptr) throw std::runtime_error("no field " + std::string{name});
    return *found;
  }
  [[nodiscard]] std::string text_or(std::string_view name, const std::string& otherwise) const {
    const json* found = find(name);
    return found == nullptr ? otherwise : found->text();
  }
  bool operator==(const json&) const = default;
};

class json_reader {
 public:
  explicit json_reader(std::string_view text) : text_(text) {}
  json read() {
    skip();
    const char c = peek();
    if (c == '{') return read_object();
    if (c == '[') return read_list();
    if (c == '"') return {read_text()};
    if (word("true")) return {true};
    if (word("false")) return {false};
    if (word("null")) return {};
    return read_number();
  }

 private:
  [[noreturn]] void fail() const { throw std::runtime_error("bad JSON at " + std::to_string(at_)); }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip() {
    while (at_ < text_.size() &&
           std::string_view{" \n\r\t"}.find(text_[at_]) != std::string_view::npos)
      at_ += 1;
  }
  void take(char c) {
    skip();
    if (peek() != c) fail();
    at_ += 1;
  }
  bool word(std::string_view wanted) {
    if (text_.substr(at_, wanted.size()) != wanted) return false;
    at_ += wanted.size();
    return true;
  }
  json read_object() {
    json::object fields;
    take('{');
    for (skip(); peek() != '}'; skip()) {
      if (!fields.empty()) take(',');
      skip();
      std::string name = read_text();
      take(':');
      fields[std::move(name)] = read();
    }
    at_ += 1;
    return {std::move(fields)};
  }
  json read_list() {
    json::list items;
    take('[');
    for (skip(); peek() != ']'; skip()) {
      if (!items.empty()) take(',');
      items.push_back(read());
    }
    at_ += 1;
    return {std::move(items)};
  }
  json read_number() {
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           std::string_view{"+-0123456789"}.find(text_[at_]) != std::string_view::npos)
      at_ += 1;
    if (begin == at_) fail();
    return {static_cast<std::int64_t>(std::stoll(std::string{text_.substr(begin, at_ - begin)}))};
  }
  std::string read_text() {
    std::string out;
    if (peek() != '"') fail();
    at_ += 1;
    while (peek() != '"') {
      if (at_ >= text_.size()) fail();
      char c = text_[at_++];
      if (c == '\\') {
        c = text_[at_++];
        if (c == 'u') {
          append_code(out, static_cast<unsigned>(
                               std::stoul(std::string{text_.substr(at_, 4)}, nullptr, 16)));
          at_ += 4;
          continue;
        }
        if (c == 'n') c = '\n';
        if (c == 't') c = '\t';
        if (c == 'r') c = '\r';
        if (c == 'b') c = '\b';
        if (c == 'f') c = '\f';
      }
      out += c;
    }
    at_ += 1;
    return out;
  }
  static void append_code(std::string& out, unsigned code) {
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xc0U | (code >> 6U));
      out += static_cast<char>(0x80U | (code & 0x3fU));
    } else {
      out += static_cast<char>(0xe0U | (code >> 12U));
      out += static_cast<char>(0x80U | ((code >> 6U) & 0x3fU));
      out += static_cast<char>(0x80U | (code & 0x3fU));
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

inline json read_json_file(const std::string& path) {
  std::ifstream file{path};
  if (!file) throw std::runtime_error("can't read " + path);
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  return json_reader{text}.read();
}

}  // namespace support
