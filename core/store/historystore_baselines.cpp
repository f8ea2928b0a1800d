// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/historystore.h"

#include "core/store/storecodes.h"
#include "core/store/storeids.h"

#include <QDataStream>
#include <QIODevice>

namespace tidemark {

namespace {

void packState(QDataStream &stream, const SourceState &state)
{
    stream << state.modifications << state.fileNodes << static_cast<qint32>(state.leaves.size());
    for (auto leaves = state.leaves.cbegin(); leaves != state.leaves.cend(); ++leaves)
        stream << leaves.key() << leaves->newest << leaves->sum;
    stream << state.definitions;
}

// All but the definitions, which came with a later release.
void unpackState(QDataStream &stream, SourceState &state)
{
    stream >> state.modifications >> state.fileNodes;
    // Until a release it ended here.
    qint32 leaves = 0;
    if (!stream.atEnd())
        stream >> leaves;
    for (; leaves > 0 && stream.status() == QDataStream::Ok; --leaves) {
        quint32 source = 0;
        LeafPrint print;
        stream >> source >> print.newest >> print.sum;
        state.leaves.insert(source, print);
    }
}

// One blob a baseline rather than a row a source: a thousand views have ten thousand of them, always read and written whole.
QByteArray packSources(const SourceBase &sources)
{
    QByteArray packed;
    QDataStream stream(&packed, QIODevice::WriteOnly);
    stream.setVersion(QDataStream::Qt_6_4);
    packState(stream, sources);
    stream << sources.blindSpot << sources.doubtful;
    stream << sources.around << sources.ofXmin << sources.included << sources.isWhole
           << toEpochMicros(sources.settlesAt) << sources.enumChanges << sources.functionChanges
           << sources.lastReading.has_value();
    if (sources.lastReading) {
        const SourceReading &reading = *sources.lastReading;
        packState(stream, reading);
        stream << reading.enumChanges << reading.functionChanges << toEpochMicros(reading.at) << reading.nextXid
               << static_cast<qint32>(reading.open.size());
        for (const OpenTransaction &open : reading.open)
            stream << open.pid << open.startedAt << open.xid << open.holdsSnapshot;
    }
    return packed;
}

SourceReading unpackReading(QDataStream &stream)
{
    SourceReading reading;
    unpackState(stream, reading);
    stream >> reading.definitions;
    qint64 at = 0;
    qint32 open = 0;
    stream >> reading.enumChanges >> reading.functionChanges >> at >> reading.nextXid >> open;
    reading.at = fromEpochMicros(at);
    for (; open > 0 && stream.status() == QDataStream::Ok; --open) {
        OpenTransaction transaction;
        stream >> transaction.pid >> transaction.startedAt >> transaction.xid >> transaction.holdsSnapshot;
        reading.open.push_back(transaction);
    }
    return reading;
}

SourceBase unpackSources(const QByteArray &packed)
{
    SourceBase sources;
    QDataStream stream(packed);
    stream.setVersion(QDataStream::Qt_6_4);
    unpackState(stream, sources);
    // Until another release here.
    if (!stream.atEnd())
        stream >> sources.definitions >> sources.blindSpot >> sources.doubtful;
    // And here: what was kept so far is not known to be whole.
    if (!stream.atEnd()) {
        qint64 settlesAt = 0;
        bool hasReading = false;
        stream >> sources.around >> sources.ofXmin >> sources.included >> sources.isWhole >> settlesAt
            >> sources.enumChanges >> sources.functionChanges >> hasReading;
        sources.settlesAt = fromEpochMicros(settlesAt);
        if (hasReading)
            sources.lastReading = unpackReading(stream);
    }
    return stream.status() == QDataStream::Ok ? sources : SourceBase{};
}

RefreshableBaseline readBaseline(const Statement &row)
{
    RefreshableBaseline baseline;
    baseline.oid = row.oid(0);
    baseline.name = row.name(1);
    baseline.xmin = row.oid(3);
    baseline.relfilenode = row.oid(4);
    baseline.populated = row.flag(5);
    baseline.attributes = row.bytes(6);
    baseline.tuplesInserted = row.integer(7);
    baseline.tuplesDeleted = row.integer(8);
    baseline.seenAt = row.optionalInstant(9);
    baseline.firstSeenAt = row.optionalInstant(10);
    baseline.lastRefresh.confidence = static_cast<Confidence>(row.number(11));
    baseline.lastRefresh.source = static_cast<RefreshSource>(row.number(12));
    baseline.lastRefresh.at = row.optionalInstant(13);
    baseline.lastRefresh.bracket = row.optionalRange(14);
    baseline.lastRefresh.probable = row.flag(16);
    baseline.lastChangedAt = row.optionalInstant(17);
    baseline.sources = unpackSources(row.bytes(18));
    baseline.timeline = row.number(19);
    return baseline;
}

} // namespace

HistoryStore::HistoryStore(std::shared_ptr<LocalStore> store)
    : m_store(std::move(store))
{
}

Status HistoryStore::saveBaselines(const DatabaseRef &database, const std::vector<RefreshableBaseline> &changed)
{
    if (changed.empty())
        return {};
    return m_store->write([&](SQLite::Database &db) {
        const qint64 databaseId = makeDatabaseId(db, database);
        ObjectIds objects(db, databaseId);
        Statement save(
            db,
            "INSERT OR REPLACE INTO baseline (database_id, oid, object_id, xmin, relfilenode, populated, attributes, "
            "inserted, deleted, seen_at, first_seen_at, confidence, source, refreshed_at, bracket_from, bracket_to, "
            "probable, changed_at, sources, timeline) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        for (const RefreshableBaseline &baseline : changed) {
            const LastRefresh &refresh = baseline.lastRefresh;
            std::optional<Instant> bracketFrom;
            std::optional<Instant> bracketTo;
            if (refresh.bracket) {
                bracketFrom = refresh.bracket->from;
                bracketTo = refresh.bracket->to;
            }
            save.bind(databaseId, baseline.oid, objects.make(baseline.name), baseline.xmin, baseline.relfilenode,
                      baseline.populated, baseline.attributes, baseline.tuplesInserted, baseline.tuplesDeleted,
                      baseline.seenAt, baseline.firstSeenAt, storeCode(refresh.confidence), storeCode(refresh.source),
                      refresh.at, bracketFrom, bracketTo, refresh.probable, baseline.lastChangedAt,
                      packSources(baseline.sources), database.timeline)
                .run();
        }
    });
}

Status HistoryStore::removeBaselines(const DatabaseRef &database, const std::vector<quint32> &oids)
{
    if (oids.empty())
        return {};
    return m_store->write([&](SQLite::Database &db) {
        const qint64 databaseId = findDatabaseId(db, database);
        Statement remove(db, "DELETE FROM baseline WHERE database_id = ? AND oid = ?");
        for (const quint32 oid : oids)
            remove.bind(databaseId, oid).run();
    });
}

Result<std::vector<RefreshableBaseline>> HistoryStore::baselines(const DatabaseRef &database) const
{
    std::vector<RefreshableBaseline> found;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        Statement rows(
            db,
            "SELECT b.oid, o.schema, o.name, b.xmin, b.relfilenode, b.populated, b.attributes, b.inserted, b.deleted, "
            "b.seen_at, b.first_seen_at, b.confidence, b.source, b.refreshed_at, b.bracket_from, b.bracket_to, "
            "b.probable, b.changed_at, b.sources, b.timeline "
            "FROM baseline b JOIN object o ON o.id = b.object_id WHERE b.database_id = ? ORDER BY b.oid");
        rows.bind(findDatabaseId(db, database));
        while (rows.next())
            found.push_back(readBaseline(rows));
    }));
    return found;
}

Status HistoryStore::addXidSample(const QString &systemIdentifier, int timeline, const XidSample &sample)
{
    return m_store->write([&](SQLite::Database &db) {
        const qint64 serverId = makeServerId(db, systemIdentifier);
        Statement newest(db, "SELECT at, next_xid FROM xid_sample WHERE server_id = ? AND timeline = ? "
                             "ORDER BY at DESC LIMIT 2");
        newest.bind(serverId, timeline);
        std::vector<XidSample> last;
        while (newest.next())
            last.push_back({newest.instant(0), newest.integer(1)});
        newest.reset();

        // While no transaction writes, only the two ends of the standstill say anything.
        const bool standsStill = last.size() == 2 && last[0].nextXid == sample.nextXid
                                 && last[1].nextXid == sample.nextXid && last[0].at < sample.at;
        if (standsStill) {
            Statement(db, "UPDATE xid_sample SET at = ? WHERE server_id = ? AND at = ?")
                .bind(sample.at, serverId, last[0].at)
                .run();
        } else {
            Statement(db, "INSERT OR REPLACE INTO xid_sample (server_id, at, next_xid, timeline) VALUES (?, ?, ?, ?)")
                .bind(serverId, sample.at, sample.nextXid, timeline)
                .run();
        }
    });
}

Result<std::vector<XidSample>> HistoryStore::xidSamples(const QString &systemIdentifier, int timeline) const
{
    std::vector<XidSample> samples;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        Statement rows(db, "SELECT at, next_xid FROM xid_sample WHERE server_id = ? AND timeline = ? ORDER BY at");
        rows.bind(findServerId(db, systemIdentifier), timeline);
        while (rows.next())
            samples.push_back({rows.instant(0), rows.integer(1)});
    }));
    return samples;
}

} // namespace tidemark
