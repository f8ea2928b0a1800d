// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/sqllibrary.h"
#include "core/refresh/refreshadvice.h"

#include <QSet>

#include <algorithm>

namespace tidemark::refresh {

namespace {

constexpr int refreshesRead = 50;

struct Use
{
    qint64 scans = 0;
    qint64 modifications = 0;
    std::optional<Instant> since;
};

Result<pg::ResultSet> ask(pg::Session &session, const char *id, const pg::Params &params, const std::stop_token &stop)
{
    const auto &query = pg::SqlLibrary::builtIn().query(QString::fromLatin1(id), session.serverVersion());
    auto rows = session.exec(query.sql, params, {.stop = stop});
    if (!rows)
        return fail(rows.error().within(QStringLiteral("reading how views are used")));
    return rows;
}

Result<QHash<quint32, Use>> readUses(pg::Session &session, const std::vector<quint32> &relations,
                                     const std::stop_token &stop)
{
    TIDEMARK_TRY(const auto rows, ask(session, "refresh/uses", {pg::Param::array(relations)}, stop));
    QHash<quint32, Use> uses;
    for (int row = 0; row < rows.rowCount(); ++row) {
        uses.insert(rows.oid(row, rows.column("oid")),
                    {rows.int64(row, rows.column("scans")), rows.int64(row, rows.column("modifications")),
                     rows.instant(row, rows.column("since"))});
    }
    return uses;
}

/// All tables below a view, whatever lies between.
std::vector<quint32> tablesBelow(const RefreshCandidates &candidates, quint32 view)
{
    QSet<quint32> tables;
    QSet<quint32> seen{view};
    std::vector<quint32> open{view};
    while (!open.empty()) {
        const quint32 reader = open.back();
        open.pop_back();
        for (const quint32 table : candidates.graph.tablesOf(reader))
            tables.insert(table);
        for (const quint32 source : candidates.graph.sourcesOf(reader)) {
            if (!seen.contains(source)) {
                seen.insert(source);
                open.push_back(source);
            }
        }
    }
    return {tables.begin(), tables.end()};
}

Result<KeyCandidate::Verdict> tryKey(pg::Session &session, const pg::QualifiedName &view, const QStringList &columns,
                                     const std::stop_token &stop)
{
    QStringList quoted;
    QStringList nulls;
    for (const QString &column : columns) {
        quoted << pg::quoteIdentifier(column);
        nulls << pg::quoteIdentifier(column) + QStringLiteral(" IS NULL");
    }
    const QString sql = QStringLiteral("SELECT EXISTS (SELECT FROM %1 GROUP BY %2 HAVING pg_catalog.count(*) > 1),\n"
                                       "       EXISTS (SELECT FROM %1 WHERE %3)")
                            .arg(view.quoted(), quoted.join(QLatin1String(", ")), nulls.join(QLatin1String(" OR ")));
    const auto row = session.exec(sql.toUtf8(), {}, {.stop = stop});
    if (row) {
        return row->boolean(0, 0)   ? KeyCandidate::Verdict::Duplicates
               : row->boolean(0, 1) ? KeyCandidate::Verdict::WithNulls
                                    : KeyCandidate::Verdict::Unique;
    }
    const ErrorKind kind = row.error().kind;
    // Too large, locked or not ours to read: then nothing is said of it.
    if (kind == ErrorKind::Timeout || kind == ErrorKind::LockTimeout || kind == ErrorKind::Permission)
        return KeyCandidate::Verdict::NotChecked;
    return fail(row.error().within(QStringLiteral("looking for duplicates in %1").arg(view.display())));
}

Result<std::vector<KeyCandidate>> readKeys(pg::Session &session, const RefreshCandidate &view,
                                           const std::stop_token &stop)
{
    TIDEMARK_TRY(const auto rows, ask(session, "refresh/keys", {view.oid}, stop));
    std::vector<KeyCandidate> keys;
    for (int row = 0; row < rows.rowCount(); ++row) {
        KeyCandidate key;
        key.columns = rows.texts(row, rows.column("columns"));
        TIDEMARK_TRY(key.verdict, tryKey(session, view.name, key.columns, stop));
        keys.push_back(key);
        if (key.verdict != KeyCandidate::Verdict::Duplicates)
            break;
    }
    return keys;
}

} // namespace

Result<std::vector<AdviceFacts>> readAdviceFacts(pg::Session &session, const HistoryStore *history,
                                                 const AdviceOptions &options, std::stop_token stop)
{
    TIDEMARK_TRY(const pg::Capabilities capabilities, pg::Capabilities::probe(session, {.stop = stop}));
    TIDEMARK_TRY(const RefreshCandidates candidates, RefreshCandidates::read(session, capabilities, stop));
    std::vector<const RefreshCandidate *> views;
    for (const RefreshCandidate &candidate : candidates.all) {
        if (candidate.kind == RefreshableKind::MaterializedView && options.names.empty())
            views.push_back(&candidate);
    }
    for (const pg::QualifiedName &name : options.names) {
        const auto found = candidates.named(name);
        const auto before = views.size();
        std::copy_if(found.begin(), found.end(), std::back_inserter(views), [](const RefreshCandidate *candidate) {
            return candidate->kind == RefreshableKind::MaterializedView;
        });
        if (views.size() == before)
            return fail(Error::missing(QStringLiteral("no materialized view is named %1").arg(name.display())));
    }
    QSet<quint32> relations;
    for (const RefreshCandidate *view : views) {
        relations.insert(view->oid);
        for (const quint32 table : tablesBelow(candidates, view->oid))
            relations.insert(table);
    }
    using Uses = QHash<quint32, Use>;
    TIDEMARK_TRY(const Uses uses, readUses(session, {relations.begin(), relations.end()}, stop));
    TIDEMARK_TRY(const auto clock, session.exec("SELECT pg_catalog.clock_timestamp() AS now", {}, {.stop = stop}));

    std::vector<AdviceFacts> all;
    for (const RefreshCandidate *view : views) {
        AdviceFacts facts;
        facts.name = view->name;
        facts.populated = view->populated;
        facts.concurrently = view->concurrently;
        facts.now = clock.instant(0, clock.column("now")).value_or(Instant());
        const Use use = uses.value(view->oid);
        facts.countedSince = use.since;
        facts.scans = use.scans;
        const std::vector<quint32> tables = tablesBelow(candidates, view->oid);
        qint64 modifications = 0;
        for (const quint32 table : tables)
            modifications += uses.value(table).modifications;
        if (!tables.empty())
            facts.sourceModifications = modifications;
        if (history != nullptr) {
            TIDEMARK_TRY(facts.refreshes,
                         history->refreshes(databaseRefOf(capabilities), view->name, std::nullopt, refreshesRead));
        }
        if (options.checkKeys && view->populated && !view->concurrently.eligible) {
            TIDEMARK_TRY(facts.keys, readKeys(session, *view, stop));
        }
        all.push_back(std::move(facts));
    }
    return all;
}

} // namespace tidemark::refresh
