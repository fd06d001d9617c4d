/** `layout.yaml` → `sdks/cpp/include/millrace/gen/layout.hpp`: constants, field accessors, per-type tables. */
import { type Field, fieldBytes, flagMask, type Layout } from '../layout.ts'
import { pascal, wrap } from '../words.ts'
import { reservedWords } from './typescript.ts'

const COLUMNS = 100
const comment = (text: string, indent = ''): string[] => wrap(text, `${indent}// `, COLUMNS)

function enumeration(
  name: string,
  type: string,
  doc: string,
  rows: readonly { name: string; value: number; doc?: string }[],
): string[] {
  return [
    ...comment(doc),
    `enum class ${name} : std::${type} {`,
    ...rows.flatMap((row) => [
      ...(row.doc === undefined ? [] : comment(row.doc, '  ')),
      `  k${pascal(row.name)} = ${row.value},`,
    ]),
    '};',
    '',
  ]
}

/** The whole text of the C++ header. */
export function cpp(layout: Layout): string {
  const { bytes, header_bytes, body_bytes } = layout.message
  const fields = layout.fields.filter((f) => f.reserved !== true)
  return `${[
    '// Generated from spec/layout.yaml by tools/generate. Do not edit: run `make generate`.',
    '//',
    '// The wire layout: constants, header field accessors and what each message type allows.',
    '#pragma once',
    '',
    '#include <array>',
    '#include <bit>',
    '#include <cstddef>',
    '#include <cstdint>',
    '#include <cstring>',
    '#include <span>',
    '#include <string_view>',
    '',
    'namespace millrace::wire {',
    '',
    '// The protocol version that this layout describes.',
    `inline constexpr std::uint16_t kProtocolVersion = ${layout.protocol};`,
    '// Bytes of every message.',
    `inline constexpr std::size_t kMessageBytes = ${bytes};`,
    '// Bytes of the header; the body begins here.',
    `inline constexpr std::size_t kHeaderBytes = ${header_bytes};`,
    '// Bytes of the body, and of the largest inline payload.',
    `inline constexpr std::size_t kBodyBytes = ${body_bytes};`,
    '// Bytes of the version prefix of HELLO, WELCOME and GOODBYE bodies.',
    `inline constexpr std::size_t kVersionPrefixBytes = ${layout.version_prefix.bytes};`,
    `inline constexpr std::string_view kMagic = "${layout.version_prefix.magic}";`,
    '',
    '// Offsets of the header fields, in bytes from the start of the message.',
    ...layout.fields.map((f) => `inline constexpr std::size_t k${pascal(f.name)}Offset = ${f.offset};`),
    '',
    '// Offsets within the version prefix.',
    ...layout.version_prefix.fields.map(
      (f) => `inline constexpr std::size_t k${pascal(f.name)}PrefixOffset = ${f.offset};`,
    ),
    '',
    ...enumeration('MessageType', 'uint8_t', 'Message types.', layout.types),
    '// Bits of the flags field.',
    ...layout.flags.flatMap((f) => [
      ...comment(f.doc),
      `inline constexpr std::uint8_t k${pascal(f.name)} = ${f.value};`,
    ]),
    '',
    ...enumeration('Status', 'uint32_t', 'gRPC status numbers; 0 is ok.', layout.statuses),
    ...enumeration('Content', 'uint8_t', 'What a payload is.', layout.contents),
    ...enumeration('Reason', 'uint32_t', 'Why a call failed or a channel ended: the closed list.', layout.reasons),
    '// Limits.',
    ...layout.limits.flatMap((l) => [
      ...comment(`${l.doc} Unit: ${l.unit}.`),
      `inline constexpr std::uint32_t k${pascal(l.name)} = ${l.value};`,
    ]),
    '',
    '// The segment of shared memory that holds two rings.',
    `inline constexpr std::string_view kSegmentMagic = "${layout.segment.magic}";`,
    `inline constexpr std::uint32_t kSegmentLayout = ${layout.segment.layout};`,
    `inline constexpr std::size_t kSegmentCellsAt = ${layout.segment.cells_at};`,
    ...layout.segment.fields.flatMap((f) => [
      ...comment(f.doc),
      `inline constexpr std::size_t k${pascal(f.name)}SegmentOffset = ${f.offset};`,
    ]),
    '',
    ...tables(layout),
    ...checks(layout, fields),
    '// Reads an integer that lies at any address.',
    'template <typename Integer>',
    'inline Integer load(const std::byte* from) noexcept {',
    '  Integer value;',
    '  std::memcpy(&value, from, sizeof value);',
    '  return value;',
    '}',
    '',
    '// Writes an integer to any address.',
    'template <typename Integer>',
    'inline void store(std::byte* to, Integer value) noexcept {',
    '  std::memcpy(to, &value, sizeof value);',
    '}',
    '',
    '// Accessors. `message` points to kMessageBytes bytes and needs no alignment.',
    '',
    ...fields.flatMap(accessors),
    '}  // namespace millrace::wire',
  ].join('\n')}\n`
}

function tables(layout: Layout): string[] {
  const lists = layout.types.map((t) => {
    const words = reservedWords(layout, t)
    const pairs = Array.from(
      { length: words.length / 2 },
      (_, i) => `{${words[2 * i]}, 0x${(words[2 * i + 1]! >>> 0).toString(16)}U}`,
    )
    return [
      `inline constexpr std::array<ReservedWord, ${pairs.length}> k${pascal(t.name)}Reserved{{`,
      ...wrap(`${pairs.join(', ')},`, '    ', COLUMNS),
      '}};',
    ]
  })
  return [
    '// A header word that must read as zero under its mask.',
    'struct ReservedWord {',
    '  std::size_t offset;',
    '  std::uint32_t mask;',
    '};',
    '',
    'enum class Direction : std::uint8_t { kWorker, kEngine, kBoth };',
    '',
    '// What call_id may be: 0, a fresh id, one that is or was open, or any of these.',
    'enum class CallRule : std::uint8_t { kNone, kNew, kOpen, kAny };',
    '',
    '// What the layout says of one message type.',
    'struct TypeInfo {',
    '  std::string_view name;',
    '  MessageType value;',
    '  Direction direction;',
    '  CallRule call;',
    '  // Flag bits that it allows.',
    '  std::uint8_t flags;',
    '  // none, payload, name, or the protobuf message that the body is.',
    '  std::string_view body;',
    '  // The body begins with the version prefix.',
    '  bool prefix;',
    '  // It may go on, with MORE, in the next messages of its type.',
    '  bool spans;',
    '  // The feature that it needs; empty: core.',
    '  std::string_view feature;',
    '  std::span<const ReservedWord> reserved;',
    '};',
    '',
    ...lists.flat(),
    '',
    '// Every type, by rising number.',
    `inline constexpr std::array<TypeInfo, ${layout.types.length}> kTypes{{`,
    ...[...layout.types]
      .sort((a, b) => a.value - b.value)
      .flatMap((t) =>
        wrap(
          `{"${t.name}", MessageType::k${pascal(t.name)}, Direction::k${pascal(t.direction)}, CallRule::k${pascal(t.call)}, ${flagMask(layout, t)}, "${t.body}", ${t.prefix === true}, ${t.spans === true}, "${t.feature ?? ''}", k${pascal(t.name)}Reserved},`,
          '    ',
          COLUMNS,
        ),
      ),
    '}};',
    '',
    '// The type with this number, or nullptr when it is not of this version.',
    'constexpr const TypeInfo* find_type(std::uint8_t number) noexcept {',
    '  for (const TypeInfo& info : kTypes) {',
    '    if (static_cast<std::uint8_t>(info.value) == number) return &info;',
    '  }',
    '  return nullptr;',
    '}',
    '',
    '// What is known of a reason, whatever the call.',
    'struct ReasonInfo {',
    '  std::string_view name;',
    '  Reason value;',
    '  Status status;',
    '  std::string_view component;',
    '  std::string_view started;',
    '  std::string_view retry;',
    '  int http;',
    '  std::string_view doc;',
    '  std::string_view caller;',
    '};',
    '',
    '// Every reason.',
    `inline constexpr std::array<ReasonInfo, ${layout.reasons.length}> kReasons{{`,
    ...layout.reasons.flatMap((r) => [
      `    {"${r.name}", Reason::k${pascal(r.name)}, Status::k${pascal(r.status)}, "${r.component}", "${r.started}", "${r.retry}", ${r.http},`,
      `     ${JSON.stringify(r.doc)},`,
      `     ${JSON.stringify(r.caller)}},`,
    ]),
    '}};',
    '',
    '// Features that HELLO may offer and WELCOME accept.',
    `inline constexpr std::array<std::string_view, ${layout.features.length}> kFeatures{{`,
    ...wrap(`${layout.features.map((f) => `"${f.name}"`).join(', ')},`, '    ', COLUMNS),
    '}};',
    '',
  ]
}

function checks(layout: Layout, fields: readonly Field[]): string[] {
  return [
    'static_assert(kHeaderBytes + kBodyBytes == kMessageBytes);',
    'static_assert(kMagic.size() == kMagicPrefixOffset + 8);',
    'static_assert(std::endian::native == std::endian::little, "every accessor would have to swap");',
    ...fields.map((f) => `static_assert(k${pascal(f.name)}Offset + ${fieldBytes(f.type)} <= kHeaderBytes);`),
    ...fields
      .filter((f) => !f.type.startsWith('u8'))
      .map((f) => `static_assert(k${pascal(f.name)}Offset % ${fieldBytes(f.type)} == 0);`),
    `static_assert(kTypes.size() == ${layout.types.length} && find_type(0) == nullptr);`,
    '',
  ]
}

function accessors(field: Field): string[] {
  const { name, offset, type } = field
  const size = fieldBytes(type)
  const at = `k${pascal(name)}Offset`
  const doc = comment(`${type} at ${offset}. ${field.doc}`)
  if (size > 4) {
    return [
      ...doc,
      `inline std::span<const std::byte, ${size}> ${name}(const std::byte* message) noexcept {`,
      `  return std::span<const std::byte, ${size}>{message + ${at}, ${size}};`,
      '}',
      `inline void set_${name}(std::byte* message, std::span<const std::byte, ${size}> value) noexcept {`,
      `  std::memcpy(message + ${at}, value.data(), value.size());`,
      '}',
      '',
    ]
  }
  const integer = `std::uint${size * 8}_t`
  return [
    ...doc,
    `inline ${integer} ${name}(const std::byte* message) noexcept {`,
    `  return load<${integer}>(message + ${at});`,
    '}',
    `inline void set_${name}(std::byte* message, ${integer} value) noexcept {`,
    `  store<${integer}>(message + ${at}, value);`,
    '}',
    '',
  ]
}
