// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/session.h"
#include "core/plan/action.h"
#include "core/stage/obstacles.h"
#include "core/stage/partitionplan.h"

#include <QSet>

namespace tidemark::stage {

/// How the target is kept in step until the swap.
enum class CaptureMode {
    Keys,   ///< changed keys are logged and applied later: costs writers the least
    Mirror, ///< besides, each statement changes the target too: hardly anything is left to do in the swap
};

/// What a DBA asks of a staged migration by copy: wizard and command line fill in the same.
struct StageSpec
{
    pg::QualifiedName table;
    ShadowShape shape = ShadowShape::Native;
    QString keyColumn;  ///< of Native and Hypertable: the column to partition by
    PartitionStep step; ///< how wide a partition is
    int premake = 3;    ///< partitions beyond the newest
    bool withDefault = true;
    QString timeZone; ///< whose midnights bound the partitions; empty: UTC
    CaptureMode capture = CaptureMode::Keys;
    QStringList captureKey; ///< the unique key to capture by; empty: the best there is
    QSet<QString> waivers;  ///< obstacles of kind Loses that are accepted, by name

    [[nodiscard]] QJsonObject toJson() const;
    /// Errors: Input, naming what is wrong and what it may be.
    [[nodiscard]] static Result<StageSpec> fromJson(const QJsonObject &json);
};

/// Reads "day", "7 days", "1 month", "100000" as a partition's width. Error: Input.
[[nodiscard]] Result<PartitionStep> parseStep(const QString &text);
[[nodiscard]] QString stepText(const PartitionStep &step);

/// What planning found: the plan, and what stands in its way.
struct StagePlan
{
    std::vector<Obstacle> obstacles; ///< the gravest first; with one that is refused, or lost without a waiver, no plan
    std::optional<Plan> plan;
    qint64 bytes = 0;
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
