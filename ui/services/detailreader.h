// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"
#include "core/base/result.h"
#include "core/catalog/tablestatistics.h"
#include "core/pg/conninfo.h"
#include "ui/models/roles.h"
#include "ui/services/asyncrunner.h"

#include <functional>
#include <optional>

namespace tidemark::ui {

/// What the watching does not read because it may wait: asked for one relation at a time.
struct RelationDetail
{
    QString definition; ///< SQL; empty for kinds that have none
    QString comment;
    qint64 tableBytes = 0; ///< with TOAST and maps
    qint64 indexBytes = 0;
    qint64 totalBytes = 0;
    qint64 sequentialScans = 0; ///< since statistics began
    qint64 indexScans = 0;
    std::optional<Instant> lastAnalyzed;
    std::optional<Instant> lastVacuumed;
};

/// The server's statistics of a partitioned table, relation by relation, or of one partition.
struct StatisticsDetail
{
    std::vector<PartitionStatistics> partitions; ///< of a partitioned table
    std::optional<TableStatistics> table;        ///< of a partition
};

/// Reads details on a session of its own, off the GUI thread. Such a question waits behind a REFRESH or an ALTER TABLE; it
/// gives up after a moment and says so. Made and called on the GUI thread.
class DetailReader
{
public:
    /// How to reach a watched server, password and all; nothing when it is not watched any more. Called on the GUI thread.
    using ConnectionOf = std::function<std::optional<pg::ConnInfo>(const QString &server)>;
    using Done = std::function<void(const Result<RelationDetail> &)>;

    using StatisticsDone = std::function<void(const Result<StatisticsDetail> &)>;

    DetailReader(AsyncRunner &runner, ConnectionOf connectionOf);

    /// `done` is called on the GUI thread unless the receiver is gone or `latest` was asked again by then.
    void read(QObject *receiver, LatestOnly &latest, const ObjectRef &object, Done done);
    void readStatistics(QObject *receiver, LatestOnly &latest, const ObjectRef &object, StatisticsDone done);

private:
    template<typename Detail>
    void ask(QObject *receiver, LatestOnly &latest, const ObjectRef &object,
             Result<Detail> (*reading)(const pg::ConnInfo &, const ObjectRef &, std::stop_token),
             std::function<void(const Result<Detail> &)> done);

    AsyncRunner &m_runner;
    ConnectionOf m_connectionOf;
};

/// The reading itself, on the calling thread, bounded by the stop token and by time. For workers and tests.
[[nodiscard]] Result<RelationDetail> readRelation(const pg::ConnInfo &connection, const ObjectRef &object,
                                                  std::stop_token stop);
[[nodiscard]] Result<StatisticsDetail> readStatistics(const pg::ConnInfo &connection, const ObjectRef &object,
                                                      std::stop_token stop);

} // namespace tidemark::ui
