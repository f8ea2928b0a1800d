// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/session.h"
#include "core/plan/action.h"
#include "core/plan/stepwaits.h"
#include "core/stage/obstacles.h"
#include "core/stage/partitionplan.h"

#include <QSet>

namespace tidemark::stage {

/// How the target is kept in step until the swap.
enum class CaptureMode {
    Keys,   ///< changed keys are logged and applied later: costs writers the least
    Mirror, ///< besides, each statement changes the target too: hardly anything is left to do in the swap
};

/// How the new table comes by the rows.
enum class Strategy {
    Copy,   ///< they are copied while the old table is used, and the old one stays until it may go
    Attach, ///< the table itself becomes the first partition, with all its rows where they are
};

/// What a DBA asks of a staged migration: wizard and command line fill in the same.
struct StageSpec
{
    pg::QualifiedName table;
    Strategy strategy = Strategy::Copy;
    ShadowShape shape = ShadowShape::Native;
    QString keyColumn;  ///< of Native and Hypertable: the column to partition by
    PartitionStep step; ///< how wide a partition is
    int premake = 3;    ///< partitions beyond the newest
    bool withDefault = true;
    QString timeZone; ///< whose midnights bound the partitions; empty: UTC
    CaptureMode capture = CaptureMode::Keys;
    QStringList captureKey;         ///< the unique key to capture by; empty: the best there is
    std::optional<qint64> freeDisk; ///< bytes free where the table's tablespace is; no query tells them
    QSet<QString> waivers;          ///< obstacles of kind Loses that are accepted, by name

    [[nodiscard]] QJsonObject toJson() const;
    /// Errors: Input, naming what is wrong and what it may be.
    [[nodiscard]] static Result<StageSpec> fromJson(const QJsonObject &json);
};

/// Reads "day", "7 days", "1 month", "100000" as a partition's width. Error: Input.
[[nodiscard]] Result<PartitionStep> parseStep(const QString &text);
[[nodiscard]] QString stepText(const PartitionStep &step);

/// The words of JSON and of the command line: "copy", "attach"; "same", "native", "hypertable".
[[nodiscard]] QString strategyWord(Strategy strategy);
[[nodiscard]] QString shapeWord(ShadowShape shape);

/// Something of the server as it is now that is to be known before the plan is confirmed; it stands in no way.
struct Finding
{
    QString subject; ///< "replication slot standby (physical)"
    QString text;
    QString wayOut;
    friend bool operator==(const Finding &, const Finding &) = default;
};

/// What planning found: the plan, and what stands in its way.
struct StagePlan
{
    std::vector<Obstacle> obstacles; ///< the gravest first; with one that is refused, or lost without a waiver, no plan
    std::optional<Plan> plan;
    std::vector<Finding> findings;
    std::vector<StepWait> waits; ///< of the plan's steps, if they came for their locks now
    qint64 bytes = 0;
    qint64 diskNeeded = 0; ///< beside them, until the old table goes; of what is attached, for the keys that are built
    qint64 rowEstimate = -1;
    std::size_t partitions = 0;

    /// Those that stand between the spec and a plan.
    [[nodiscard]] std::vector<Obstacle> blocking(const QSet<QString> &waivers) const;
};

/// Reads the table and all around it and makes the plan. Changes nothing. Errors: Missing, Unsupported and Input as of the
/// inventory, the capture and the partitions.
[[nodiscard]] Result<StagePlan> planStage(pg::Session &session, const StageSpec &spec,
                                          const pg::CallOptions &call = {});

/// The actions of the steps that planStage() makes, with the engine's own.
[[nodiscard]] Actions stageActions();

} // namespace tidemark::stage
