// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/action.h"

namespace tidemark {

/// Runs the same work on several sessions at once, each on its own thread, and waits for all. The first error stops the
/// others at their next look at `stop`, and is what is returned.
[[nodiscard]] Status
workTogether(StepContext &context, int workers,
             const std::function<Status(pg::Session &session, int worker, std::stop_token stop)> &work);

} // namespace tidemark
