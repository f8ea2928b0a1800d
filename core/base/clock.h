// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"

namespace tidemark {

/// Where core reads the time of this workstation. The composition root passes one in, so that tests can turn it.
/// The time of a server always comes from that server, never from here. May be called from any thread.
class Clock
{
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const = 0;
};

class SystemClock final : public Clock
{
public:
    [[nodiscard]] Instant now() const override;
};

} // namespace tidemark
