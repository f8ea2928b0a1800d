// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/refresh/refreshrun.h"
#include "ui/models/candidatemodel.h"
#include "ui/models/snapshotmodel.h"

namespace tidemark::ui {

/// One refresh of a plan, and where it stands once it runs.
struct RefreshItemRow
{
    int number = 0; ///< its place, from 1
    QString name;
    QString how; ///< "concurrently"
    QString because;
    QString after; ///< the numbers that come before it: "1, 3"
    QString lock;
    bool locksReadersOut = false;
    QString obstacle;
    std::optional<Millis> expected;
    refresh::ItemState state = refresh::ItemState::Open;
    QString text;               ///< whom it waits for, why it failed
    std::optional<Millis> took; ///< or runs for
    Millis waited{0};
    std::optional<qint64> written;
    std::optional<qint64> removed;
    std::optional<double> filled;
    friend bool operator==(const RefreshItemRow &, const RefreshItemRow &) = default;
};

[[nodiscard]] std::vector<RefreshItemRow> refreshRowsOf(const refresh::RefreshPlan &plan);
[[nodiscard]] std::vector<RefreshItemRow> refreshRowsOf(const refresh::RefreshPlan &plan,
                                                        const refresh::RefreshLook &look);
/// What planning found: what is not refreshed, who is in the way of the locks now, what to know.
[[nodiscard]] std::vector<CheckRow> checkRowsOf(const refresh::RefreshPlan &plan, const std::vector<StepWait> &waits);

[[nodiscard]] QString itemStateText(refresh::ItemState state);
[[nodiscard]] Severity severityOf(refresh::ItemState state);

/// The refreshes of a plan before they run (how, and what they cost others), or while and after they do. GUI thread only.
class RefreshItemModel final : public SnapshotModel<RefreshItemRow, int>
{
    Q_OBJECT

public:
    enum class Of { Plan, Run };
    explicit RefreshItemModel(Of of, QObject *parent = nullptr);

    /// What is yet to come has no status.
    [[nodiscard]] QVariant data(const QModelIndex &at, int role) const override;

private:
    [[nodiscard]] std::vector<Column<RefreshItemRow>> columnsOfPlan() const;
    [[nodiscard]] std::vector<Column<RefreshItemRow>> columnsOfRun() const;
};

} // namespace tidemark::ui
