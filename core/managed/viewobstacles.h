// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/managed/viewchain.h"

namespace tidemark::managed {

/// What of the views and of all that depends on them tables cannot be, the gravest first, so that nothing is lost in silence.
/// Pure.
[[nodiscard]] std::vector<MaterializeObstacle> findViewObstacles(const ViewChain &chain);

} // namespace tidemark::managed
