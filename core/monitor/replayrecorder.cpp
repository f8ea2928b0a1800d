// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/replayrecorder.h"

#include "core/monitor/replaycodec.h"

namespace tidemark {

namespace {

constexpr std::size_t rowsASecond = 4;

Refreshable shapeOf(Refreshable row)
{
    row.sourceChanges = row.sourceChanges ? std::optional<qint64>(*row.sourceChanges > 0) : std::nullopt;
    row.bytesEstimate = 0;
    row.rowsEstimate = 0;
    if (row.aggregate)
        row.aggregate->tailLag.reset();
    return row;
}

SourceRelation shapeOf(SourceRelation row)
{
    row.modifications = 0;
    return row;
}

Partition shapeOf(Partition row)
{
    row.bytesEstimate = 0;
    row.rowsEstimate = 0;
    row.modifications = 0;
    row.lastModifiedSeenAt.reset();
    return row;
}

PartitionedTable withoutPartitions(const PartitionedTable &table)
{
    PartitionedTable row;
    row.oid = table.oid;
    row.name = table.name;
    row.kind = table.kind;
    row.strategy = table.strategy;
    row.keyText = table.keyText;
    row.unit = table.unit;
    row.managedBy = table.managedBy;
    row.intervalText = table.intervalText;
    row.premake = table.premake;
    row.ownBytes = table.ownBytes;
    row.ownRows = table.ownRows;
    row.runsOut = table.runsOut;
    row.retention = table.retention;
    row.compressAfter = table.compressAfter;
    row.problem = table.problem;
    return row;
}

qint64 keyOf(const Job &job)
{
    return (static_cast<qint64>(job.scheduler) << 56) | job.id;
}

} // namespace

/// One snapshot's news of a database on the way to the store.
class ReplayRecorder::Writing
{
public:
    Writing(Database &database, Instant at, Millis numbersEvery)
        : m_database(database)
        , m_at(at)
        , m_numbersEvery(numbersEvery)
    {
        std::size_t waiting = 0;
        for (const auto &[part, keys] : database.waiting)
            waiting += static_cast<std::size_t>(keys.size());
        if (numbersEvery > Millis(0))
            m_numbersEvery = std::max(numbersEvery, Millis(1000 * waiting / rowsASecond));
    }

    void offer(ReplayPart part, qint64 key, const QByteArray &bytes, const QByteArray &shape)
    {
        Known &known = m_database.rows[part][key];
        QSet<qint64> &waiting = m_database.waiting[part];
        if (known.written == bytes) {
            waiting.remove(key);
            return;
        }
        if (known.shape == shape && m_at - known.at < m_numbersEvery) {
            waiting.insert(key);
            return;
        }
        waiting.remove(key);
        known = {bytes, shape, m_at};
        m_rows.push_back({part, key, bytes});
    }

    void endOthers(ReplayPart part, const QSet<qint64> &present)
    {
        auto &rows = m_database.rows[part];
        for (auto known = rows.begin(); known != rows.end();) {
            if (present.contains(known.key())) {
                ++known;
                continue;
            }
            m_rows.push_back({part, known.key(), std::nullopt});
            m_database.waiting[part].remove(known.key());
            known = rows.erase(known);
        }
    }

    [[nodiscard]] bool isWaiting(ReplayPart part, qint64 key) const { return m_database.waiting[part].contains(key); }
    [[nodiscard]] const std::vector<ReplayRow> &rows() const { return m_rows; }

private:
    Database &m_database;
    Instant m_at;
    Millis m_numbersEvery;
    std::vector<ReplayRow> m_rows;
};

ReplayRecorder::ReplayRecorder(std::shared_ptr<HistoryStore> history, Millis numbersEvery)
    : m_history(std::move(history))
    , m_numbersEvery(numbersEvery)
{
}

Status ReplayRecorder::record(const ServerSnapshot &server)
{
    QSet<quint32> present;
    QString systemIdentifier;
    for (const auto &[name, database] : server.databases) {
        if (!database || database->capabilities.systemIdentifier.isEmpty())
            continue;
        systemIdentifier = database->capabilities.systemIdentifier;
        present.insert(database->capabilities.databaseOid);
        if (database->state != WatchState::Live)
            continue;
        if (const Status kept = recordDatabase(*database); !kept) {
            // What was to be written is not in the store: the next time begins with what is.
            const DatabaseRef ref = databaseRefOf(database->capabilities);
            m_databases.erase({ref.systemIdentifier, ref.oid});
            return kept;
        }
    }
    // One that is watched no longer was dropped, or left out: its rows end.
    for (auto known = m_databases.begin(); known != m_databases.end();) {
        if (known->first.first != systemIdentifier || present.contains(known->first.second)) {
            ++known;
            continue;
        }
        TIDEMARK_CHECK(
            m_history->addReplayRows(known->second.ref, server.takenAt, {{ReplayPart::Database, 0, std::nullopt}}));
        known = m_databases.erase(known);
    }
    return {};
}

Status ReplayRecorder::recall(Database &database)
{
    for (const ReplayPart part : {ReplayPart::Database, ReplayPart::Refreshable, ReplayPart::Source, ReplayPart::Job,
                                  ReplayPart::Table, ReplayPart::Partition}) {
        TIDEMARK_TRY(const auto rows, m_history->replayRowsAt(database.ref, part, Instant::max()));
        for (const auto &[key, bytes] : rows)
            database.rows[part].insert(key, {bytes, {}, {}});
    }
    return {};
}

Status ReplayRecorder::recordDatabase(const DatabaseSnapshot &snapshot)
{
    const DatabaseRef ref = databaseRefOf(snapshot.capabilities);
    const auto [found, isNew] = m_databases.try_emplace({ref.systemIdentifier, ref.oid});
    Database &database = found->second;
    database.ref = ref;
    if (isNew)
        TIDEMARK_CHECK(recall(database));

    Writing writing(database, snapshot.takenAt, m_numbersEvery);
    const QByteArray facts = encoded(snapshot.capabilities);
    writing.offer(ReplayPart::Database, 0, facts, facts);
    if (snapshot.freshness) {
        QSet<qint64> present;
        for (const Refreshable &row : snapshot.freshness->refreshables) {
            present.insert(row.oid);
            writing.offer(ReplayPart::Refreshable, row.oid, encoded(row), encoded(shapeOf(row)));
        }
        writing.endOthers(ReplayPart::Refreshable, present);
        present.clear();
        for (const SourceRelation &row : snapshot.freshness->sources) {
            present.insert(row.oid);
            writing.offer(ReplayPart::Source, row.oid, encoded(row), encoded(shapeOf(row)));
        }
        writing.endOthers(ReplayPart::Source, present);
    }
    if (snapshot.jobs && snapshot.jobs != database.jobs) {
        database.jobs = snapshot.jobs;
        QSet<qint64> present;
        for (const Job &job : *snapshot.jobs) {
            present.insert(keyOf(job));
            const QByteArray bytes = encoded(job);
            writing.offer(ReplayPart::Job, keyOf(job), bytes, bytes);
        }
        writing.endOthers(ReplayPart::Job, present);
    }
    if (snapshot.partitions) {
        QSet<qint64> tables;
        QSet<qint64> partitions;
        QHash<quint32, std::shared_ptr<const PartitionedTable>> seen;
        for (const auto &table : snapshot.partitions->tables) {
            tables.insert(table->oid);
            seen.insert(table->oid, table);
            const auto before = database.tables.value(table->oid);
            if (before != table) {
                const QByteArray bytes = encoded(withoutPartitions(*table));
                writing.offer(ReplayPart::Table, table->oid, bytes, bytes);
            }
            for (std::size_t i = 0; i < table->partitions.size(); ++i) {
                const Partition &row = table->partitions[i];
                partitions.insert(row.oid);
                const bool rests = before == table
                                   || (before && i < before->partitions.size() && before->partitions[i] == row);
                if (!rests || writing.isWaiting(ReplayPart::Partition, row.oid))
                    writing.offer(ReplayPart::Partition, row.oid, encoded(row, table->oid),
                                  encoded(shapeOf(row), table->oid));
            }
        }
        writing.endOthers(ReplayPart::Table, tables);
        writing.endOthers(ReplayPart::Partition, partitions);
        database.tables = std::move(seen);
    }
    return m_history->addReplayRows(ref, snapshot.takenAt, writing.rows());
}

} // namespace tidemark
