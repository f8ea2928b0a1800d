// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/capture/reconciler.h"
#include "core/plan/runlook.h"

namespace tidemark::stage {

/// How far the capture of a staged migration is behind: of the way there until the swap, of the way back after it. Nothing
/// where the run captures nothing now, or its log cannot be read within the call's time.
[[nodiscard]] std::optional<CaptureLag> lagOf(pg::Session &session, const RunLook &look, const pg::CallOptions &call);

} // namespace tidemark::stage
