// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/changes/rehearsal.h"
#include "ui/models/snapshotmodel.h"

namespace tidemark::ui {

/// A step as it went when it was rehearsed.
struct RehearsedRow
{
    StepRecord record;
    QStringList locks;     ///< the strongest first: "ACCESS EXCLUSIVE on public.plays"
    int locksOnItsOwn = 0; ///< on what the plan made
    friend bool operator==(const RehearsedRow &, const RehearsedRow &) = default;
};

[[nodiscard]] std::vector<RehearsedRow> rehearsedRowsOf(const Rehearsal &rehearsal);

/// The steps of a rehearsal: how long each took and what it really locked. GUI thread only.
class RehearsalModel final : public SnapshotModel<RehearsedRow, int>
{
    Q_OBJECT

public:
    explicit RehearsalModel(QObject *parent = nullptr);
};

} // namespace tidemark::ui
