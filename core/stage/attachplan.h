// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stage/stagespec.h"

namespace tidemark::stage {

/// planStage() for Strategy::Attach. Reads no more of the table than its largest key.
[[nodiscard]] Result<StagePlan> planAttach(pg::Session &session, const StageSpec &spec, const pg::CallOptions &call);

} // namespace tidemark::stage
