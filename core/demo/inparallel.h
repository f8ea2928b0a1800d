// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <functional>
#include <vector>

namespace tidemark::demo {

/// Runs the tasks on a few threads and returns the first failure, after all that had begun have ended. Tasks that had not
/// begun by then are left out.
[[nodiscard]] Status inParallel(const std::vector<std::function<Status()>> &tasks);

} // namespace tidemark::demo
