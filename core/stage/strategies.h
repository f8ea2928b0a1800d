// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stage/stagespec.h"

namespace tidemark::stage {

/// What one way to the new table would take on this server now, beside the others.
struct StrategyOutlook
{
    Strategy strategy = Strategy::Copy;
    ShadowShape shape = ShadowShape::Native;
    std::vector<Obstacle> blocking; ///< why there is no plan of this kind; none: it can be done
    qint64 bytesRead = 0;           ///< of the table, outside any exclusive lock
    qint64 bytesWritten = 0;        ///< table and indexes that are made anew; WAL is about as much
    qint64 diskNeeded = 0;          ///< beside what the table has, until the old one goes
    QStringList locks;              ///< "ACCESS EXCLUSIVE on public.plays (bounds, swap)"
    std::optional<Millis> takes;    ///< of what reads and writes the rows
    QString basis;                  ///< what that time was reckoned from, or why there is none

    [[nodiscard]] bool isFeasible() const { return blocking.empty(); }
};

/// Every strategy that fits the wish's key and width: native by attaching and by copy, and hypertables where the database has
/// TimescaleDB. Changes nothing; reads a sample of the table to know how fast it reads, and earlier runs of this database
/// to know how fast it copies. Errors: those of planStage().
[[nodiscard]] Result<std::vector<StrategyOutlook>> compareStrategies(pg::Session &session, const StageSpec &spec,
                                                                     const pg::CallOptions &call = {});

} // namespace tidemark::stage
