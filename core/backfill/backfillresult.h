// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/runlook.h"

namespace tidemark::backfill {

/// What a backfill has come to, from its run's own records. Everything absent was not measured (yet).
struct BackfillResult
{
    std::optional<qint64> filled;
    std::optional<Millis> fillTook;
    std::optional<qint64> passes;
    bool proven = false; ///< no row was left when it was looked for
    bool isDeclaredNotNull = false;
    bool keepsUp = false;     ///< the trigger is there
    bool canBeUndone = false; ///< what it can be undone by is kept
    bool isLetGo = false;     ///< … and was let go
    bool waits = false;       ///< for the word to let go
};

/// Pure.
[[nodiscard]] BackfillResult backfillResultOf(const RunLook &look);

} // namespace tidemark::backfill
