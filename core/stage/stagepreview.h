// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/conninfo.h"
#include "core/stage/strategies.h"

namespace tidemark::stage {

/// What the wizard shows before anybody confirms: the plan, or what stands in its way, and the strategies side by side.
struct StagePreview
{
    StagePlan planned;
    std::optional<Error> refused;          ///< why this strategy cannot even be planned; another may
    std::vector<StrategyOutlook> outlooks; ///< none for a rebuild in the same shape, which has one way only
};

/// Plans on a session of its own that can only read, which may take minutes where the partition column has no index.
/// Changes nothing. Errors: those of planStage() and of connecting.
[[nodiscard]] Result<StagePreview> previewStage(const pg::ConnInfo &server, const StageSpec &spec,
                                                std::stop_token stop = {});

} // namespace tidemark::stage
