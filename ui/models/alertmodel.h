// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/history.h"
#include "ui/models/snapshotmodel.h"

#include <tuple>

namespace tidemark::ui {

/// An alert of the history and the server it was raised for.
struct AlertRow
{
    QString server;
    AlertRecord alert;

    [[nodiscard]] std::tuple<QString, qint64> key() const { return {server, alert.id}; }
    friend bool operator==(const AlertRow &a, const AlertRow &b)
    {
        return a.key() == b.key() && a.alert.message == b.alert.message && a.alert.clearedAt == b.alert.clearedAt;
    }
};

/// What it is about, so that a click leads there: refreshable, partitioned table, root blocker or job.
[[nodiscard]] ObjectRef objectOf(const AlertRow &row);
[[nodiscard]] QString alertKindText(const QString &kind);       ///< of the stored word; translated
[[nodiscard]] QString alertStateText(const AlertRecord &alert); ///< "Active", "Over"

/// Alerts that stand, and those that ended lately. GUI thread only.
class AlertModel final : public SnapshotModel<AlertRow, std::tuple<QString, qint64>>
{
    Q_OBJECT

public:
    explicit AlertModel(QObject *parent = nullptr);
};

} // namespace tidemark::ui
