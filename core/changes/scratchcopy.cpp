// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/changes/scratchcopy.h"

#include "core/base/log.h"
#include "core/base/units.h"

#include <QProcess>
#include <QRandomGenerator>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>

namespace tidemark {

namespace {

constexpr int programTakesMs = 10 * 60 * 1000;
constexpr int mostNotes = 20;

/// One of PostgreSQL's own programs, on a database. Returns what it told on stderr.
Result<QString> runProgram(const QString &name, const pg::ConnInfo &server, const QStringList &arguments)
{
    const QString program = QStandardPaths::findExecutable(name);
    if (program.isEmpty()) {
        return fail(Error::local(QStringLiteral("%1 is not there").arg(name),
                                 QStringLiteral("Install the client programs of PostgreSQL (postgresql-client).")));
    }
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (const QString password = server.value(QStringLiteral("password")); !password.isEmpty())
        environment.insert(QStringLiteral("PGPASSWORD"), password);
    environment.insert(QStringLiteral("PGAPPNAME"), QStringLiteral("tidemark rehearsal"));
    process.setProcessEnvironment(environment);
    process.setStandardInputFile(QProcess::nullDevice());
    process.setStandardOutputFile(QProcess::nullDevice());
    process.start(program, QStringList{QStringLiteral("--dbname"), server.withoutPassword()} + arguments);
    const bool ended = process.waitForFinished(programTakesMs);
    const QString told = QString::fromUtf8(process.readAllStandardError()).trimmed();
    if (!ended || process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0)
        return fail(Error::local(QStringLiteral("%1: %2").arg(name, told.isEmpty() ? process.errorString() : told)));
    return told;
}

Result<pg::Session> openFor(const pg::ConnInfo &server, bool mayWrite)
{
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemark rehearsal");
    options.readOnly = !mayWrite;
    options.statementTimeout = Millis(programTakesMs);
    return pg::Session::open(server, options);
}

Result<pg::ResultSet> ask(pg::Session &session, const QByteArray &sql, const pg::Params &params = {})
{
    return session.exec(sql, params, {.deadline = Millis(programTakesMs), .stop = {}});
}

/// The tables, those that their foreign keys name before those that name them.
Result<QList<pg::QualifiedName>> withReferenced(pg::Session &session, const QList<pg::QualifiedName> &tables)
{
    QStringList wanted;
    for (const pg::QualifiedName &table : tables)
        wanted << pg::quoteLiteral(table.quoted()) + QStringLiteral("::regclass::oid");
    TIDEMARK_TRY(
        const auto rows,
        ask(session,
            "WITH RECURSIVE reached AS ("
            "SELECT t.oid, 0 AS depth FROM pg_catalog.unnest(ARRAY["
                + wanted.join(QLatin1String(", ")).toUtf8()
                + "]::oid[]) AS t(oid) "
                  "UNION SELECT k.confrelid, r.depth + 1 FROM reached AS r "
                  "JOIN pg_catalog.pg_constraint AS k ON k.conrelid = r.oid AND k.contype = 'f' "
                  "AND k.confrelid <> k.conrelid WHERE r.depth < 8) "
                  "SELECT n.nspname, c.relname FROM reached AS r JOIN pg_catalog.pg_class AS c ON c.oid = r.oid "
                  "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
                  "GROUP BY n.nspname, c.relname ORDER BY max(r.depth) DESC, 1, 2"));
    QList<pg::QualifiedName> all;
    for (int row = 0; row < rows.rowCount(); ++row)
        all << pg::QualifiedName{rows.text(row, 0), rows.text(row, 1)};
    return all;
}

/// DELETE of the rows whose foreign keys name nothing that came along.
Status dropOrphans(pg::Session &scratch, const pg::QualifiedName &table)
{
    TIDEMARK_TRY(
        const auto deletes,
        ask(scratch,
            "SELECT pg_catalog.format('DELETE FROM %s AS child WHERE %s AND NOT EXISTS "
            "(SELECT FROM %s AS parent WHERE %s)', k.conrelid::regclass, "
            "pg_catalog.string_agg(pg_catalog.format('child.%I IS NOT NULL', a.attname), ' AND '), "
            "k.confrelid::regclass, "
            "pg_catalog.string_agg(pg_catalog.format('parent.%I = child.%I', b.attname, a.attname), ' AND ')) "
            "FROM pg_catalog.pg_constraint AS k "
            "CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) AS u(own, other) "
            "JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.own "
            "JOIN pg_catalog.pg_attribute AS b ON b.attrelid = k.confrelid AND b.attnum = u.other "
            "WHERE k.contype = 'f' AND k.conrelid = $1::regclass AND k.confrelid <> k.conrelid "
            "GROUP BY k.oid, k.conrelid, k.confrelid",
            {table.quoted()}));
    for (int row = 0; row < deletes.rowCount(); ++row)
        TIDEMARK_CHECK(ask(scratch, deletes.bytes(row, 0)).map([](const pg::ResultSet &) {}));
    return {};
}

} // namespace

ScratchCopy::ScratchCopy(Wish wish, pg::ConnInfo server)
    : m_wish(std::move(wish))
    , m_server(std::move(server))
{
}

Result<std::unique_ptr<ScratchCopy>> ScratchCopy::make(const Wish &wish, std::stop_token stop)
{
    const QString name =
        QStringLiteral("tidemark_rehearsal_%1").arg(QRandomGenerator::system()->generate64() % 1'000'000'000);
    {
        TIDEMARK_TRY(pg::Session original, openFor(wish.original, true));
        TIDEMARK_TRY(const auto made,
                     ask(original,
                         "SELECT pg_catalog.format('CREATE DATABASE %I TEMPLATE template0 ENCODING %L LC_COLLATE %L "
                         "LC_CTYPE %L', $1::text, pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype) "
                         "FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()",
                         {name}));
        if (const auto created = ask(original, made.bytes(0, 0)); !created)
            return fail(created.error().within(QStringLiteral("making a scratch database")));
    }
    std::unique_ptr<ScratchCopy> copy(new ScratchCopy(wish, wish.original.withDatabase(name)));
    TIDEMARK_CHECK(copy->copySchema());
    TIDEMARK_CHECK(copy->copyRows(stop));
    return copy;
}

ScratchCopy::~ScratchCopy()
{
    if (m_wish.keep)
        return;
    auto session = openFor(m_wish.original, true);
    const QString name = pg::quoteIdentifier(m_server.value(QStringLiteral("dbname")));
    const auto dropped = session ? ask(*session, ("DROP DATABASE IF EXISTS " + name.toUtf8()
                                                  + (session->serverVersion() >= 130'000 ? " WITH (FORCE)" : "")))
                                 : Result<pg::ResultSet>(fail(session.error()));
    if (!dropped)
        qCWarning(logPlan) << "the scratch database" << name << "is left behind:" << dropped.error().summary();
}

Status ScratchCopy::copySchema()
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("schema.sql"));
    TIDEMARK_CHECK(runProgram(QStringLiteral("pg_dump"), m_wish.original,
                              {QStringLiteral("--schema-only"), QStringLiteral("--no-publications"),
                               QStringLiteral("--no-subscriptions"), QStringLiteral("--exclude-schema=tidemark"),
                               QStringLiteral("--file"), file})
                       .map([](const QString &) {}));
    TIDEMARK_TRY(const QString told, runProgram(QStringLiteral("psql"), m_server,
                                                {QStringLiteral("--no-psqlrc"), QStringLiteral("--quiet"),
                                                 QStringLiteral("--file"), file}));
    // What is left out is told, and whether it matters shows in the steps: pg_cron, say, lives in one database alone.
    static const QRegularExpression error(QStringLiteral("ERROR: +(.+)"));
    auto errors = error.globalMatch(told);
    while (errors.hasNext() && m_notes.size() < mostNotes)
        m_notes << QStringLiteral("not in the copy: ") + errors.next().captured(1);
    return {};
}

Status ScratchCopy::copyRows(std::stop_token stop)
{
    TIDEMARK_TRY(pg::Session original, openFor(m_wish.original, false));
    TIDEMARK_TRY(pg::Session scratch, openFor(m_server, true));
    // Foreign keys are looked after below. A role that may not set this finds its triggers fired.
    static_cast<void>(ask(scratch, "SET session_replication_role = replica"));
    TIDEMARK_TRY(const auto tables, withReferenced(original, m_wish.tables));
    for (const pg::QualifiedName &table : tables) {
        if (stop.stop_requested())
            return fail(Error::cancelled());
        TIDEMARK_CHECK(copyRowsOf(original, scratch, table));
    }
    for (const pg::QualifiedName &table : tables)
        TIDEMARK_CHECK(dropOrphans(scratch, table));
    TIDEMARK_CHECK(copySequences(original, scratch));
    fillViews(original, scratch);
    TIDEMARK_CHECK(ask(scratch, "ANALYZE").map([](const pg::ResultSet &) {}));
    for (const pg::QualifiedName &table : m_wish.tables) {
        TIDEMARK_TRY(const auto count, ask(scratch, "SELECT count(*) FROM " + table.quoted().toUtf8()));
        m_notes << QStringLiteral("%1 has %2 rows in the copy").arg(table.display(), units::count(count.int64(0, 0)));
    }
    return {};
}

Status ScratchCopy::copySequences(pg::Session &original, pg::Session &scratch) const
{
    TIDEMARK_TRY(const auto positions,
                 ask(original,
                     "SELECT pg_catalog.format('SELECT pg_catalog.setval(%L, %s)', "
                     "pg_catalog.format('%I.%I', schemaname, sequencename), last_value) "
                     "FROM pg_catalog.pg_sequences WHERE last_value IS NOT NULL AND schemaname <> 'tidemark'"));
    for (int row = 0; row < positions.rowCount(); ++row)
        TIDEMARK_CHECK(ask(scratch, positions.bytes(row, 0)).map([](const pg::ResultSet &) {}));
    return {};
}

void ScratchCopy::fillViews(pg::Session &original, pg::Session &scratch)
{
    // By oid: a view is younger than what it reads.
    const auto views = ask(original, "SELECT n.nspname, c.relname FROM pg_catalog.pg_class AS c "
                                     "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
                                     "WHERE c.relkind = 'm' AND c.relispopulated ORDER BY c.oid");
    for (int row = 0; views && row < views->rowCount(); ++row) {
        const pg::QualifiedName view{views->text(row, 0), views->text(row, 1)};
        const auto filled = ask(scratch, "REFRESH MATERIALIZED VIEW " + view.quoted().toUtf8());
        if (!filled && m_notes.size() < mostNotes)
            m_notes << QStringLiteral("%1 is empty in the copy: %2").arg(view.display(), filled.error().message);
    }
}

Status ScratchCopy::copyRowsOf(pg::Session &original, pg::Session &scratch, const pg::QualifiedName &table)
{
    TIDEMARK_TRY(const auto facts,
                 ask(original,
                     "SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum), "
                     "max(greatest(c.reltuples, 0))::float8, max(c.relkind::text) "
                     "FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid "
                     "AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' WHERE c.oid = $1::regclass",
                     {table.quoted()}));
    const QString columns = facts.text(0, 0);
    const double rows = facts.bytes(0, 1).toDouble();
    const double percent = rows > double(m_wish.rows) ? 100.0 * 1.2 * double(m_wish.rows) / rows : 100.0;
    const QString sample = percent < 100.0 ? QStringLiteral(" TABLESAMPLE SYSTEM (%1)").arg(percent, 0, 'f', 6)
                                           : QString();
    // As JSON, row by row: both sides have the same columns of the same types.
    TIDEMARK_TRY(
        const auto sampled,
        ask(original, QStringLiteral("SELECT pg_catalog.json_agg(s)::text FROM (SELECT %1 FROM %2%3 LIMIT %4) AS s")
                          .arg(columns, table.quoted(), sample)
                          .arg(m_wish.rows)
                          .toUtf8()));
    if (sampled.isNull(0, 0))
        return {};
    return ask(scratch,
               QStringLiteral("INSERT INTO %1 (%2) OVERRIDING SYSTEM VALUE SELECT %2 FROM "
                              "pg_catalog.json_populate_recordset(NULL::%1, $1::json)")
                   .arg(table.quoted(), columns)
                   .toUtf8(),
               {sampled.text(0, 0)})
        .map([](const pg::ResultSet &) {});
}

} // namespace tidemark
