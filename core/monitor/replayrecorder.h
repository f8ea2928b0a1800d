// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/snapshot.h"
#include "core/store/historystore.h"

#include <QHash>
#include <QSet>

#include <map>

namespace tidemark {

/// Keeps the rows of live snapshots in the history, so that HistoryReader can show them again: every row when something
/// but its numbers changes, its numbers (changes in the sources, sizes, counters) at most every ten seconds, and more
/// rarely where so many move that they would be more than four rows a second. Rows that rest cost nothing.
///
/// Used by one thread at a time.
class ReplayRecorder
{
public:
    explicit ReplayRecorder(std::shared_ptr<HistoryStore> history, Millis numbersEvery = Millis(10'000));

    [[nodiscard]] Status record(const ServerSnapshot &server);

private:
    struct Known
    {
        QByteArray written;
        QByteArray shape; ///< without its numbers
        Instant at;
    };
    struct Database
    {
        DatabaseRef ref;
        std::map<ReplayPart, QHash<qint64, Known>> rows;
        std::map<ReplayPart, QSet<qint64>> waiting; ///< whose numbers wait to be written
        QHash<quint32, std::shared_ptr<const PartitionedTable>> tables;
        std::shared_ptr<const std::vector<Job>> jobs;
    };
    class Writing;

    [[nodiscard]] Status recordDatabase(const DatabaseSnapshot &snapshot);
    [[nodiscard]] Status recall(Database &database);

    std::shared_ptr<HistoryStore> m_history;
    Millis m_numbersEvery;
    std::map<std::pair<QString, quint32>, Database> m_databases; // by system identifier and oid
};

} // namespace tidemark
