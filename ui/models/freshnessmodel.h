// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/snapshotmodel.h"
#include "ui/models/snapshotparts.h"

namespace tidemark::ui {

/// A refreshable of some database. Shares the snapshot it was published in.
struct FreshnessRow
{
    QString server;
    QString database;
    std::shared_ptr<const Refreshable> refreshable; ///< never null
    QString place;                                  ///< what tells it from another of its name

    [[nodiscard]] ObjectKey key() const { return {server, database, refreshable->oid}; }
    friend bool operator==(const FreshnessRow &left, const FreshnessRow &right)
    {
        return left.server == right.server && left.database == right.database && left.place == right.place
               && (left.refreshable == right.refreshable || *left.refreshable == *right.refreshable);
    }
};

/// The freshness board: everything that can be brought up to date, of all databases in scope. GUI thread only.
class FreshnessModel final : public SnapshotModel<FreshnessRow, ObjectKey>
{
    Q_OBJECT

public:
    explicit FreshnessModel(QObject *parent = nullptr);

    /// Costs nothing but the ages where no freshness was published since the call before.
    void setSnapshots(const Snapshots &snapshots, const Scope &scope, const Moments &moments);

    [[nodiscard]] Instant nowOf(const FreshnessRow &row) const { return moments().of(row.server); }

private:
    void describeColumns();
    std::vector<DatabasePart<FreshnessSnapshot>> m_parts;
};

} // namespace tidemark::ui
