// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/runlook.h"
#include "ui/models/snapshotmodel.h"

namespace tidemark::ui {

/// A step of a plan, and how it went where the plan is a run.
struct StepRow
{
    int ordinal = 0;
    QString title;
    Risk risk = Risk::Low;
    QString lock;      ///< the strongest: "ACCESS EXCLUSIVE"
    QStringList locks; ///< all: "ACCESS EXCLUSIVE on public.plays"
    bool canBeUndone = true;
    bool holds = false;
    std::optional<StepRecord> record;
    friend bool operator==(const StepRow &, const StepRow &) = default;
};

[[nodiscard]] QString stepStateText(StepState state);
[[nodiscard]] Severity severityOf(StepState state);

[[nodiscard]] std::vector<StepRow> stepRowsOf(const Plan &plan);
[[nodiscard]] std::vector<StepRow> stepRowsOf(const RunLook &look);

/// The exact SQL of a step for people, what goes before and after it included; where a step works by itself, what it says
/// of its chunks.
[[nodiscard]] QString stepSql(const Step &step);
[[nodiscard]] QString stepUndoSql(const Step &step);

/// The steps of a plan before it runs (what they cost others), or of a run (how each stands). GUI thread only.
class RunStepModel final : public SnapshotModel<StepRow, int>
{
    Q_OBJECT

public:
    enum class Of { Plan, Run };
    explicit RunStepModel(Of of, QObject *parent = nullptr);

    /// A step that is yet to come has no status.
    [[nodiscard]] QVariant data(const QModelIndex &at, int role) const override;

private:
    [[nodiscard]] std::vector<Column<StepRow>> columnsOfPlan() const;
    [[nodiscard]] std::vector<Column<StepRow>> columnsOfRun() const;
};

/// The journal of a run, a line an entry. GUI thread only.
class RunEventModel final : public SnapshotModel<RunEvent, qint64>
{
    Q_OBJECT

public:
    explicit RunEventModel(QObject *parent = nullptr);
};

} // namespace tidemark::ui
