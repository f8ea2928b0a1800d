// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"

namespace tidemark::test {

/// Stands until it is turned; begins at the present second.
class StandingClock final : public Clock
{
public:
    [[nodiscard]] Instant now() const override { return at; }
    Instant at = std::chrono::floor<std::chrono::seconds>(SystemClock().now());
};

} // namespace tidemark::test
