// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/snapshotmodel.h"
#include "ui/models/snapshotparts.h"

namespace tidemark::ui {

struct JobRow
{
    QString server;
    QString database; ///< where it was read; the job itself may run in another
    Job job;

    [[nodiscard]] std::tuple<QString, QString, int, qint64> key() const
    {
        return {server, database, static_cast<int>(job.scheduler), job.id};
    }
    friend bool operator==(const JobRow &, const JobRow &) = default;
};

/// The jobs of pg_cron, TimescaleDB and pg_partman in scope. GUI thread only.
class JobModel final : public SnapshotModel<JobRow, std::tuple<QString, QString, int, qint64>>
{
    Q_OBJECT

public:
    explicit JobModel(QObject *parent = nullptr);
    void setSnapshots(const Snapshots &snapshots, const Scope &scope, const Moments &moments);

private:
    std::vector<DatabasePart<std::vector<Job>>> m_parts;
};

} // namespace tidemark::ui
