// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/runlook.h"

namespace tidemark::stage {

/// What a staged migration has come to, from its run's own records. Everything absent was not measured (yet).
struct StageResult
{
    std::optional<qint64> copiedRows;
    std::optional<Millis> copyTook;
    std::optional<qint64> provenRows; ///< on both sides alike
    QString checksum;
    std::optional<qint64> proofRounds; ///< 1: equal at once
    std::optional<Millis> proofTook;   ///< of the scan
    std::optional<Instant> swappedAt;
    std::optional<Millis> locksHeld;    ///< by the swap
    std::optional<Millis> queuedBefore; ///< the longest that anybody can have waited for it to get them
    std::optional<qint64> drained;      ///< changes applied under the locks
    bool fidelityProven = false;        ///< all that belongs to the table was compared after the swap
    bool isRetired = false;             ///< the old table is let go: no way back

    /// The longest that anybody can have been made to wait by the swap.
    [[nodiscard]] std::optional<Millis> longestStall() const;
    [[nodiscard]] bool canSwapBack(const RunRecord &run) const;
};

/// Pure.
[[nodiscard]] StageResult stageResultOf(const RunLook &look);

} // namespace tidemark::stage
