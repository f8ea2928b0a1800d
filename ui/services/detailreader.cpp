// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/detailreader.h"

#include "core/pg/session.h"
#include "core/pg/sqllibrary.h"

#include <QCoreApplication>

namespace tidemark::ui {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(tidemark::ui::DetailReader)
};

pg::SessionOptions sessionOptions()
{
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemark details");
    options.lockTimeout = Millis(1500);
    options.statementTimeout = Millis(8000);
    return options;
}

Error explained(Error error, const ObjectRef &object)
{
    if (error.kind == ErrorKind::LockTimeout) {
        error.message = Words::tr("%1 is locked by another session, as a REFRESH or an ALTER TABLE does.")
                            .arg(object.name.display());
        error.hint = Words::tr("The Locks page shows by whom. Select it again when that is done.");
        return error;
    }
    return error.within(Words::tr("reading the details of %1").arg(object.name.display()));
}

} // namespace

Result<RelationDetail> readRelation(const pg::ConnInfo &connection, const ObjectRef &object, std::stop_token stop)
{
    auto session = pg::Session::open(connection.withDatabase(object.database), sessionOptions(), stop);
    if (!session)
        return fail(explained(session.error(), object));
    const pg::SqlQuery &query = pg::SqlLibrary::builtIn().query(QStringLiteral("detail/relation"),
                                                                session->serverVersion());
    const auto rows = session->exec(query.sql, {object.oid}, {.deadline = Millis(10'000), .stop = stop});
    if (!rows)
        return fail(explained(rows.error(), object));
    if (rows->isEmpty())
        return fail(Error::missing(Words::tr("%1 is not there any more.").arg(object.name.display())));
    RelationDetail detail;
    detail.definition = rows->text(0, rows->column("definition")).trimmed();
    detail.comment = rows->text(0, rows->column("comment"));
    detail.tableBytes = rows->int64(0, rows->column("table_bytes"));
    detail.indexBytes = rows->int64(0, rows->column("index_bytes"));
    detail.totalBytes = rows->int64(0, rows->column("total_bytes"));
    detail.sequentialScans = rows->int64(0, rows->column("sequential_scans"));
    detail.indexScans = rows->int64(0, rows->column("index_scans"));
    detail.lastAnalyzed = rows->instant(0, rows->column("last_analyzed"));
    detail.lastVacuumed = rows->instant(0, rows->column("last_vacuumed"));
    return detail;
}

Result<StatisticsDetail> readStatistics(const pg::ConnInfo &connection, const ObjectRef &object, std::stop_token stop)
{
    auto session = pg::Session::open(connection.withDatabase(object.database), sessionOptions(), stop);
    if (!session)
        return fail(explained(session.error(), object));
    const pg::CallOptions call{.deadline = Millis(10'000), .stop = stop};
    StatisticsDetail detail;
    if (object.kind == ObjectKind::PartitionedTable) {
        auto partitions = readPartitionStatistics(*session, object.oid, call);
        if (!partitions)
            return fail(explained(partitions.error(), object));
        detail.partitions = std::move(*partitions);
        return detail;
    }
    auto table = readTableStatistics(*session, object.oid, call);
    if (!table)
        return fail(explained(table.error(), object));
    detail.table = std::move(*table);
    return detail;
}

DetailReader::DetailReader(AsyncRunner &runner, ConnectionOf connectionOf)
    : m_runner(runner)
    , m_connectionOf(std::move(connectionOf))
{
}

void DetailReader::read(QObject *receiver, LatestOnly &latest, const ObjectRef &object, Done done)
{
    ask<RelationDetail>(receiver, latest, object, &readRelation, std::move(done));
}

void DetailReader::readStatistics(QObject *receiver, LatestOnly &latest, const ObjectRef &object, StatisticsDone done)
{
    ask<StatisticsDetail>(receiver, latest, object, &ui::readStatistics, std::move(done));
}

template<typename Detail>
void DetailReader::ask(QObject *receiver, LatestOnly &latest, const ObjectRef &object,
                       Result<Detail> (*reading)(const pg::ConnInfo &, const ObjectRef &, std::stop_token),
                       std::function<void(const Result<Detail> &)> done)
{
    const auto connection = m_connectionOf(object.server);
    if (!connection) {
        latest.cancel();
        done(fail(Error::missing(Words::tr("%1 is not watched any more.").arg(object.server))));
        return;
    }
    m_runner.run(
        receiver, latest,
        [connection = *connection, object, reading](std::stop_token stop) { return reading(connection, object, stop); },
        [done = std::move(done)](const Result<Detail> &detail) { done(detail); });
}

} // namespace tidemark::ui
