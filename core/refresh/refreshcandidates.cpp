// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/refresh/refreshcandidates.h"

#include "core/catalog/jsonrows.h"
#include "core/managed/managedtable.h"
#include "core/pg/sqllibrary.h"

#include <algorithm>

namespace tidemark::refresh {

namespace {

Result<pg::ResultSet> ask(pg::Session &session, const char *id, const pg::Params &params, const std::stop_token &stop)
{
    const auto &query = pg::SqlLibrary::builtIn().query(QString::fromLatin1(id), session.serverVersion());
    auto rows = session.exec(query.sql, params, {.stop = stop});
    if (!rows)
        return fail(rows.error().within(QStringLiteral("reading what can be refreshed")));
    return rows;
}

void addViews(std::vector<RefreshCandidate> &all, const pg::ResultSet &rows, int blockSize)
{
    const auto unusable = rows.column("unusable_index");
    for (int row = 0; row < rows.rowCount(); ++row) {
        RefreshCandidate view;
        view.oid = rows.oid(row, rows.column("oid"));
        view.name = {rows.text(row, rows.column("schema")), rows.text(row, rows.column("name"))};
        view.owner = rows.text(row, rows.column("owner"));
        view.populated = rows.boolean(row, rows.column("populated"));
        view.mayRefresh = rows.boolean(row, rows.column("may_refresh"));
        view.concurrently = concurrentEligibility(
            view.populated, rows.isNull(row, unusable) ? std::nullopt : std::optional(rows.int32(row, unusable)));
        view.bytes = qint64(rows.int32(row, rows.column("relpages"))) * blockSize;
        all.push_back(std::move(view));
    }
}

void addAggregates(std::vector<RefreshCandidate> &all, std::vector<Reading> &readings, const pg::ResultSet &rows)
{
    for (int row = 0; row < rows.rowCount(); ++row) {
        RefreshCandidate aggregate;
        aggregate.oid = rows.oid(row, rows.column("oid"));
        aggregate.name = {rows.text(row, rows.column("schema")), rows.text(row, rows.column("name"))};
        aggregate.kind = RefreshableKind::ContinuousAggregate;
        aggregate.owner = rows.text(row, rows.column("owner"));
        aggregate.mayRefresh = rows.boolean(row, rows.column("may_refresh"));
        readings.push_back({aggregate.oid, rows.oid(row, rows.column("source"))});
        // Who reads the table that it is kept in reads the aggregate.
        readings.push_back({rows.oid(row, rows.column("materialization")), aggregate.oid});
        all.push_back(std::move(aggregate));
    }
}

void addIvmTables(std::vector<RefreshCandidate> &all, const pg::ResultSet &rows)
{
    if (rows.isEmpty())
        return;
    for (const QJsonObject &row : jsonRows(rows.bytes(0, rows.column("immvs")), "immv")) {
        RefreshCandidate table;
        table.oid = static_cast<quint32>(row.value(QLatin1String("oid")).toInteger());
        table.name = {row.value(QLatin1String("schema")).toString(), row.value(QLatin1String("name")).toString()};
        table.kind = RefreshableKind::PgIvmTable;
        table.owner = row.value(QLatin1String("owner")).toString();
        table.populated = row.value(QLatin1String("populated")).toBool();
        all.push_back(std::move(table));
    }
}

Status addManaged(RefreshCandidates &candidates, std::vector<Reading> &readings, pg::Session &session,
                  const std::stop_token &stop)
{
    TIDEMARK_TRY(const std::vector<managed::ManagedTable> tables, managed::readManaged(session, {.stop = stop}));
    for (const managed::ManagedTable &table : tables) {
        RefreshCandidate candidate;
        candidate.oid = table.oid;
        candidate.name = table.name;
        candidate.kind = RefreshableKind::ManagedTable;
        candidate.owner = table.owner;
        if (const auto target = managed::readDeltaTarget(session, table, {.stop = stop}))
            candidate.delta = managed::deltasql::wholeText(*target);
        else if (target.error().poisonsSession)
            return fail(target.error());
        else
            candidate.obstacle = target.error().summary();
        for (const auto &[oid, name] : table.sources) {
            readings.push_back({table.oid, oid});
            candidates.tables.insert(oid, name);
        }
        candidates.all.push_back(std::move(candidate));
    }
    return {};
}

} // namespace

std::vector<const RefreshCandidate *> RefreshCandidates::named(const pg::QualifiedName &name) const
{
    std::vector<const RefreshCandidate *> found;
    for (const RefreshCandidate &candidate : all) {
        if (candidate.name.name == name.name && (name.schema.isEmpty() || candidate.name.schema == name.schema))
            found.push_back(&candidate);
    }
    return found;
}

const RefreshCandidate *RefreshCandidates::find(quint32 oid) const
{
    const auto found = std::find_if(all.begin(), all.end(),
                                    [oid](const RefreshCandidate &candidate) { return candidate.oid == oid; });
    return found == all.end() ? nullptr : &*found;
}

Result<RefreshCandidates> RefreshCandidates::read(pg::Session &session, const pg::Capabilities &capabilities,
                                                  std::stop_token stop)
{
    RefreshCandidates candidates;
    std::vector<Reading> readings;
    TIDEMARK_TRY(const auto views, ask(session, "refresh/candidates", {}, stop));
    addViews(candidates.all, views, capabilities.blockSize);
    TIDEMARK_TRY(const auto reads, ask(session, "refresh/reads", {}, stop));
    for (int row = 0; row < reads.rowCount(); ++row) {
        const quint32 source = reads.oid(row, reads.column("source"));
        readings.push_back({reads.oid(row, reads.column("reader")), source});
        candidates.tables.insert(source,
                                 {reads.text(row, reads.column("schema")), reads.text(row, reads.column("name"))});
    }
    if (capabilities.hasExtension(QStringLiteral("timescaledb"))) {
        TIDEMARK_TRY(const auto rows, ask(session, "refresh/aggregates", {}, stop));
        addAggregates(candidates.all, readings, rows);
    }
    if (capabilities.hasExtension(QStringLiteral("pg_ivm"))) {
        TIDEMARK_TRY(const auto rows, ask(session, "freshness/pg_ivm", {false}, stop));
        addIvmTables(candidates.all, rows);
    }
    TIDEMARK_CHECK(addManaged(candidates, readings, session, stop));
    std::sort(candidates.all.begin(), candidates.all.end(),
              [](const RefreshCandidate &one, const RefreshCandidate &other) { return one.name < other.name; });
    std::vector<quint32> oids;
    for (const RefreshCandidate &candidate : candidates.all)
        oids.push_back(candidate.oid);
    candidates.graph = RefreshGraph(oids, readings);
    return candidates;
}

} // namespace tidemark::refresh
