/** The accepted vectors → `sdks/cpp/tests/gen/vectors.hpp`, so that the C++ tests need no JSON reader. */
import type { Layout } from '../layout.ts'
import type { Vector } from '../vectors/vectors.ts'

/** The whole text of the C++ header. `files`: the vector files by name. */
export function cppVectors(layout: Layout, files: Readonly<Record<string, string>>): string {
  const vectors = Object.values(files).flatMap((text) => (JSON.parse(text) as { vectors?: Vector[] }).vectors ?? [])
  const accepted = vectors.filter((vector) => vector.result === 'accept')
  const fields = layout.fields.filter((field) => field.reserved !== true)
  return `${[
    '// Generated from spec/vectors by tools/generate. Do not edit: run `make generate`.',
    '//',
    '// The accepted golden vectors, and every accessor of the layout by its field name.',
    '#pragma once',
    '',
    '#include <array>',
    '#include <cstddef>',
    '#include <cstdint>',
    '#include <span>',
    '#include <string>',
    '#include <string_view>',
    '',
    '#include "millrace/gen/layout.hpp"',
    '',
    'namespace millrace::wire::vectors {',
    '',
    '// A field as a vector lists it: a decimal number, or hexadecimal text for byte fields.',
    'struct Field {',
    '  std::string_view name;',
    '  std::string_view value;',
    '};',
    '',
    'struct Vector {',
    '  std::string_view id;',
    '  std::string_view type;',
    '  // The message in hexadecimal; zeros at its end are cut.',
    '  std::string_view hex;',
    '  std::span<const Field> fields;',
    '};',
    '',
    '// Reads one field, as a vector shows it.',
    'struct Accessor {',
    '  std::string_view name;',
    '  std::string (*read)(const std::byte* message);',
    '};',
    '',
    'inline std::string show(std::span<const std::byte> bytes) {',
    '  constexpr std::string_view kDigits = "0123456789abcdef";',
    '  std::string text;',
    '  for (const std::byte byte : bytes) {',
    '    text += kDigits[std::to_integer<std::size_t>(byte >> 4)];',
    '    text += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];',
    '  }',
    '  return text;',
    '}',
    'inline std::string show(std::uint32_t value) { return std::to_string(value); }',
    '',
    `inline constexpr std::array<Accessor, ${fields.length}> kAccessors{{`,
    ...fields.map((field) => `    {"${field.name}", [](const std::byte* m) { return show(wire::${field.name}(m)); }},`),
    '}};',
    '',
    ...accepted.flatMap((vector, i) => [
      `inline constexpr std::array<Field, ${Object.keys(vector.fields).filter((name) => name !== 'reserved').length}> kFields${i}{{`,
      ...Object.entries(vector.fields)
        .filter(([name]) => name !== 'reserved')
        .map(([name, value]) => `    {"${name}", "${value}"},`),
      '}};',
    ]),
    '',
    `inline constexpr std::array<Vector, ${accepted.length}> kVectors{{`,
    ...accepted.flatMap((vector, i) => [
      `    {"${vector.id}", "${vector.type}", "${vector.hex}",`,
      `     kFields${i}},`,
    ]),
    '}};',
    '',
    '}  // namespace millrace::wire::vectors',
  ].join('\n')}\n`
}
