/// The Millrace SDK for C++20: functions served to an engine, and calls between them. See
/// README.md.
#pragma once

#include "millrace/app.hpp"      // IWYU pragma: export
#include "millrace/bytes.hpp"    // IWYU pragma: export
#include "millrace/codec.hpp"    // IWYU pragma: export
#include "millrace/context.hpp"  // IWYU pragma: export
#include "millrace/error.hpp"    // IWYU pragma: export
#include "millrace/result.hpp"   // IWYU pragma: export
#include "millrace/stream.hpp"   // IWYU pragma: export
