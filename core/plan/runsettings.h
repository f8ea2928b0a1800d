// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/governor.h"
#include "core/plan/lockgate.h"

namespace tidemark {

/// What a DBA may change while a run goes on. Kept with the run, so that each driver works as told.
struct RunSettings
{
    int workers = 2;          ///< of steps that work in parallel
    Millis chunkTime{500};    ///< what one chunk should take; its size follows
    int chunkPages = 256;     ///< the size of the first
    Millis stallBudget{60};   ///< the longest that anybody may be made to wait by a swap
    bool recordLocks = false; ///< each step that is one transaction writes down what it held at its end
    LockPatience patience;
    GovernorLimits limits;

    [[nodiscard]] QJsonObject toJson() const;
    /// Unknown keys are an Input error that names them; absent ones keep what is in `base`.
    [[nodiscard]] static Result<RunSettings> fromJson(const QJsonObject &json, const RunSettings &base);
};

} // namespace tidemark
