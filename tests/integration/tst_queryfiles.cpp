// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/qualifiedname.h"
#include "core/pg/sqllibrary.h"
#include "core/plan/toolkit.h"
#include "tests/support/actor.h"
#include "tests/support/testserver.h"
#include "tests/support/uglytable.h"

#include <QSet>

#include <limits>
#include <map>

using namespace tidemark;
using namespace tidemark::test;

/// The contract of resources/sql: every file, run as the monitor runs it on every server it may meet, answers with the
/// columns its header declares.
class TstQueryFiles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void everyFileAnswersWithTheColumnsItDeclares_data() { rows(); }
    void everyFileAnswersWithTheColumnsItDeclares();
    void everyFileFindsWhatIsThere_data() { rows(); }
    void everyFileFindsWhatIsThere();
    void everyFileRunsForARoleWithoutRights_data() { rows(); }
    void everyFileRunsForARoleWithoutRights();
    void everyFileWasRunSomewhere();

private:
    /// A server with a database that has every extension this server can have.
    struct Place
    {
        std::unique_ptr<TestCluster> cluster; ///< where the server is not shared
        std::unique_ptr<TestDatabase> database;
        std::optional<pg::Session> session; ///< a poller's: read-only, bounded, empty search_path
        std::optional<pg::Session> powerless;
        QSet<QString> extensions;
        std::vector<std::unique_ptr<Actor>>
            actors; ///< who waits, whom for, and who refreshes, as long as the test runs
    };

    static void rows();
    Place &place(const QString &server);
    /// Why this file cannot run here; empty where it can.
    static QString missingHere(Place &place, const pg::SqlQuery &query);
    static pg::Params emptyParams(const pg::SqlQuery &query);
    /// What the collectors ask with: relations, backends and hypertables that are there.
    static pg::Params realParams(Place &place, const pg::SqlQuery &query);
    /// Lets sessions wait, hold and refresh in the place.
    static void populate(Place &place);
    /// "relid oid, names text[]" of a result.
    static QString columnsOf(pg::Session &session, const pg::ResultSet &result);

    std::map<QString, Place> m_places;
    QSet<QString> m_run; ///< "area/query/variant"
};

namespace {

// Objects that the queries have something to say about, so that their joins and functions are really evaluated.
const QByteArray content = R"(
SELECT pg_stat_reset();
CREATE SCHEMA "we""ird; drop";
CREATE TABLE "we""ird; drop"."Plays" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, name text);
INSERT INTO "we""ird; drop"."Plays" (at, name) SELECT timestamptz '2026-01-01Z' + g * interval '1 hour', 'näme ' || g FROM generate_series(1, 100) AS g;
CREATE VIEW v AS SELECT id, at FROM "we""ird; drop"."Plays";
CREATE MATERIALIZED VIEW m AS SELECT id, at FROM v;
CREATE UNIQUE INDEX ON m (id);
CREATE MATERIALIZED VIEW unpopulated AS SELECT count(*) FROM m WITH NO DATA;
CREATE TABLE part (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2026-01-01') TO ('2026-02-01') PARTITION BY LIST (id);
CREATE TABLE part_1_1 PARTITION OF part_1 FOR VALUES IN (1, 2, NULL);
CREATE TABLE part_low PARTITION OF part FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
CREATE TABLE part_default PARTITION OF part DEFAULT;
CREATE TABLE hashed (id bigint) PARTITION BY HASH (id);
CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
INSERT INTO part VALUES (1, '2025-06-01'), (1, '2026-01-05'), (1, '2027-01-01');
CREATE TABLE parent (id bigint);
CREATE TABLE child (CHECK (id BETWEEN 1 AND 10)) INHERITS (parent);
CREATE TABLE by_day (at timestamp) PARTITION BY RANGE (date_trunc('day', at));
CREATE TABLE by_day_1 PARTITION OF by_day FOR VALUES FROM ('2026-01-01') TO ('2026-01-02');
CREATE FUNCTION plays() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM "we""ird; drop"."Plays"';
CREATE VIEW clocked AS SELECT now() AS at, random() AS r, plays() AS n, (SELECT count(*) FROM pg_class) AS c FROM part;
CREATE FUNCTION refresh_m() RETURNS void LANGUAGE plpgsql AS 'BEGIN REFRESH MATERIALIZED VIEW m; END';
CREATE MATERIALIZED VIEW slow AS SELECT 1 AS one FROM pg_sleep(3600) WITH NO DATA;
CREATE TABLE contested (id int);
CREATE INDEX ON part_low (at);
COMMENT ON MATERIALIZED VIEW m IS 'commented';
ANALYZE;
)";

QStringList requirementsOf(const pg::SqlQuery &query)
{
    QStringList requirements;
    for (const QString &requirement : query.requires_.split(QLatin1Char(','), Qt::SkipEmptyParts))
        requirements << requirement.simplified();
    return requirements;
}

bool hasRelation(pg::Session &session, const QString &name)
{
    const auto found = session.exec("SELECT pg_catalog.to_regclass($1) IS NOT NULL", {name});
    return found && found->boolean(0, 0);
}

bool hasColumn(pg::Session &session, const QString &relation, const QString &column)
{
    const auto found = session.exec(
        "SELECT FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass($1) AND attname = $2 "
        "AND NOT attisdropped",
        {relation, column});
    return found && !found->isEmpty();
}

// The name of the server that TIDEMARK_TEST_TIMESCALE gives, among those of serverNames().
const QString community = QStringLiteral("community");

/// What stays NULL in the prepared database, by query; "*" is no row at all.
QString notFoundHere(const QString &id, bool hasIvm)
{
    // Sockets have no address; locks on pages, classes and other databases' objects, prepared transactions and detaching
    // partitions are subjects of tst_locks and tst_partitions; continuous aggregates and compression, which only the
    // community edition has, of tst_hypertables; statistics come when they come.
    static const QString none = QStringLiteral("*");
    static const QString ofChunks = QStringLiteral(
        "other_dimensions uncompressed_bytes compressed_bytes compressed_rows");
    static const QHash<QString, QString> known{
        {QStringLiteral("capture/key"), QStringLiteral("collation")}, // tst_capture has keys of text
        {QStringLiteral("detail/relation"), QStringLiteral("last_vacuumed last_analyzed")},
        // tst_tableinventory has tables that inherit, and one that is mentioned elsewhere; no test server has labels.
        {QStringLiteral("inventory/columns"), QStringLiteral("labels")},
        {QStringLiteral("inventory/functions"), QStringLiteral("used_by")},
        {QStringLiteral("inventory/mentions"), none},
        {QStringLiteral("inventory/publications"), QStringLiteral("columns")}, // before 15
        {QStringLiteral("inventory/table"), QStringLiteral("labels parents children")},
        {QStringLiteral("inventory/views"), QStringLiteral("constraints")},
        {QStringLiteral("jobs/aggregates"), none},
        {QStringLiteral("jobs/pg_cron_runs"), QStringLiteral("totals")}, // read for no known run alone
        {QStringLiteral("jobs/timescaledb"), QStringLiteral("hypertable aggregate_schema aggregate")},
        {QStringLiteral("locks/backend"), QStringLiteral("client_address")},
        {QStringLiteral("locks/detail"),
         QStringLiteral("page tuple virtual_xid other_database wait_start gid prepared_at prepared_by "
                        "prepared_in")},
        {QStringLiteral("locks/edges"), QStringLiteral("client_address")},
        {QStringLiteral("partitions/membership"), QStringLiteral("pending")},
        {QStringLiteral("plan/copied"), QStringLiteral("rows_per_second")}, // tst_strategies has copied
        {QStringLiteral("plan/governor"), QStringLiteral("replica_lag_ms slot_lag_bytes archive_lag_bytes")},
        {QStringLiteral("plan/holders"), QStringLiteral("prepared")},         // tst_lockgate has one
        {QStringLiteral("refresh/aggregates"), none},                         // tst_refreshaggregates has some
        {QStringLiteral("refresh/progress"), QStringLiteral("waits_for")},    // tst_refreshrun has who waits
        {QStringLiteral("server/connections"), QStringLiteral("role_limit")}, // tst_monitorcontrol has a role with one
        {QStringLiteral("server/facts"), QStringLiteral("standby_address")},  // tst_historyidentity has a standby
        // tst_preflight has a slot and such functions.
        {QStringLiteral("stage/conflict_functions"), none},
        {QStringLiteral("stage/delays"), QStringLiteral("bytes")},
        {QStringLiteral("statistics/partitions"), QStringLiteral("last_vacuumed last_analyzed")},
        {QStringLiteral("statistics/table"),
         QStringLiteral("last_vacuum last_autovacuum last_analyze last_autoanalyze")},
        {QStringLiteral("timescale/aggregates:table"), none},
        {QStringLiteral("timescale/aggregates:function"), none},
        {QStringLiteral("timescale/running_refreshes"), none},
        {QStringLiteral("timescale/chunks:constraint"), ofChunks},
        {QStringLiteral("timescale/chunks:relid"), ofChunks},
        {QStringLiteral("timescale/chunks:slice"), ofChunks},
    };
    return id == QLatin1String("freshness/pg_ivm") && !hasIvm ? none : known.value(id);
}

QString key(const pg::SqlQuery &query)
{
    return query.id + QLatin1Char('/') + query.variant;
}

} // namespace

void TstQueryFiles::initTestCase()
{
    if (serversAreRequired()) {
        for (const QString &name : serverNames()) {
            QString why;
            QVERIFY2(isAvailable(name, &why), qPrintable(why));
        }
    }
}

void TstQueryFiles::rows()
{
    QTest::addColumn<QString>("server");
    QTest::addColumn<QString>("id");
    const QStringList servers = communityTimescale() ? serverNames() << community : serverNames();
    for (const QString &server : servers) {
        for (const QString &id : pg::SqlLibrary::builtIn().ids())
            QTest::addRow("%s on %s", qPrintable(id), qPrintable(server)) << server << id;
    }
}

TstQueryFiles::Place &TstQueryFiles::place(const QString &server)
{
    const auto known = m_places.find(server);
    if (known != m_places.end())
        return known->second;
    Place &made = m_places[server];

    const QString name = QStringLiteral("query files %1").arg(QCoreApplication::applicationPid());
    pg::ConnInfo superuser;
    if (server == community) {
        superuser = *communityTimescale();
    } else if (findServer(server)->preloadable.contains(QStringLiteral("pg_cron"))) {
        // pg_cron lives in one database of its cluster.
        ClusterOptions options;
        options.server = server;
        options.settings.insert(QStringLiteral("cron.database_name"), name);
        made.cluster = std::make_unique<TestCluster>(options);
        if (const Status started = made.cluster->start(); !started)
            qFatal("%s", describe(started.error()).constData());
        superuser = made.cluster->connInfo();
    } else {
        superuser = test::server(server);
    }
    made.database = std::make_unique<TestDatabase>(superuser, name);
    made.database->exec(content);
    made.database->exec(UglyTable::sql(made.database->open().serverVersion() / 10'000));

    pg::Session owner = made.database->open();
    QSet<QString> wanted;
    QSet<QString> toolkit;
    for (const QString &id : pg::SqlLibrary::builtIn().ids()) {
        for (const QString &requirement : requirementsOf(pg::SqlLibrary::builtIn().query(id, owner.serverVersion()))) {
            if (requirement.startsWith(QLatin1String("extension ")))
                wanted << requirement.section(QLatin1Char(' '), 1);
            else if (requirement.startsWith(QLatin1String("toolkit ")))
                toolkit << requirement.section(QLatin1Char(' '), 1);
        }
    }
    for (const QString &part : toolkit) {
        if (const auto applied = applyToolkit(owner, part, true); !applied)
            qFatal("%s", describe(applied.error()).constData());
    }
    for (const QString &extension : wanted) {
        const QByteArray quoted = pg::quoteIdentifier(extension).toUtf8();
        if (owner.exec("CREATE EXTENSION " + quoted + " SCHEMA public CASCADE")
            || owner.exec("CREATE EXTENSION " + quoted + " CASCADE"))
            made.extensions << extension;
    }
    if (made.extensions.contains(QStringLiteral("timescaledb")))
        made.database->exec(
            "CREATE TABLE reading (at timestamptz NOT NULL, value float8);"
            "SELECT create_hypertable('reading', 'at');"
            "INSERT INTO reading SELECT g, 1 FROM generate_series(timestamptz '2026-01-01Z', '2026-02-01Z', '1 day') g");
    populate(made);
    static_cast<void>(owner.exec("CREATE ROLE tidemark_test_powerless LOGIN"));

    made.session = made.database->open(pg::SessionOptions());
    const auto powerless = made.database->conn().with(QStringLiteral("user"),
                                                      QStringLiteral("tidemark_test_powerless"));
    auto session = pg::Session::open(powerless);
    if (!session)
        qFatal("%s", describe(session.error()).constData());
    made.powerless = std::move(*session);
    return made;
}

QString TstQueryFiles::missingHere(Place &place, const pg::SqlQuery &query)
{
    for (const QString &requirement : requirementsOf(query)) {
        const QString kind = requirement.section(QLatin1Char(' '), 0, 0);
        const QString name = requirement.section(QLatin1Char(' '), 1);
        bool there = false;
        if (kind == QLatin1String("extension"))
            there = place.extensions.contains(name);
        else if (kind == QLatin1String("toolkit"))
            there = installedToolkit(*place.session).value_or(QStringList()).contains(name);
        else if (kind == QLatin1String("relation"))
            there = hasRelation(*place.session, name);
        else if (kind == QLatin1String("column"))
            there = hasColumn(*place.session, name.section(QLatin1Char('.'), 0, 1), name.section(QLatin1Char('.'), 2));
        if (!there)
            return QStringLiteral("no %1 here").arg(requirement);
    }
    return {};
}

pg::Params TstQueryFiles::emptyParams(const pg::SqlQuery &query)
{
    pg::Params params;
    for (const QString &type : query.params)
        params.push_back(type.endsWith(QLatin1String("[]")) ? pg::Param(QStringLiteral("{}")) : pg::Param(nullptr));
    return params;
}

void TstQueryFiles::populate(Place &place)
{
    TestDatabase &database = *place.database;
    if (place.extensions.contains(QStringLiteral("pg_cron"))) {
        database.exec(
            "SELECT cron.schedule('nightly', '0 3 * * *', 'SELECT 1');"
            "INSERT INTO cron.job_run_details (jobid, runid, database, command, status, start_time, end_time) "
            "SELECT jobid, 1, database, command, 'succeeded', now(), now() FROM cron.job");
    }
    if (place.extensions.contains(QStringLiteral("pg_partman"))) {
        database.exec("CREATE TABLE managed (at timestamptz NOT NULL) PARTITION BY RANGE (at);"
                      "SELECT create_parent('public.managed', 'at', 'native', 'daily')");
    }
    database.exec("REFRESH MATERIALIZED VIEW m; " // for the log of the toolkit
                  "UPDATE tidemark.refresh_log SET rows_written = 100, error = 'it broke'");
    database.exec(
        "INSERT INTO tidemark.schedule (name, refresh, every) VALUES ('a schedule', '{\"names\": []}', '1 min');"
        "INSERT INTO tidemark.schedule_run (schedule, due_at, cause, state, started_at, finished_at, agent) "
        "SELECT id, since, 'due', 'succeeded', since, since, 'an agent' FROM tidemark.schedule;"
        "INSERT INTO tidemark.run (kind, title, plan, fingerprint, state, driver, started_at, finished_at, error) "
        "VALUES ('sql', 'a run', '{}', 'f', 'failed', 'somebody', now(), now(), '{\"message\": \"it broke\"}');"
        "INSERT INTO tidemark.run_step (run, ordinal, name, title, state, started_at, finished_at, rows_total, "
        "outcome, error) VALUES (1, 1, 'a', 'A', 'failed', now(), now(), 10, '{\"rows\": 7}', "
        "'{\"message\": \"it broke\"}');"
        "INSERT INTO tidemark.run_event (run, step, kind, text, detail) VALUES (1, 1, 'note', 'so it was', '{\"is\": 1}');"
        "INSERT INTO tidemark.run_chunk (run, step, chunk, bounds, state, rows, finished_at) "
        "VALUES (1, 1, 1, '{}', 'done', 7, now());"
        "INSERT INTO tidemark.run (kind, title, plan, fingerprint, state) VALUES ('sql', 'held', '{}', 'f', 'running');"
        "INSERT INTO tidemark.run_event (run, kind, text) VALUES (2, 'throttle', 'holding back: it must');"
        "INSERT INTO tidemark.managed_table (relation, definition, key_columns) VALUES ('unpopulated', 'unpopulated', '{count}');"
        "INSERT INTO tidemark.managed_refresh (relation, schema_name, relation_name, mode, started_at) "
        "VALUES ('m'::regclass, 'public', 'm', 'full', now());"
        "INSERT INTO tidemark.managed_table (relation, definition, key_columns, range_column, run, last_refresh_at, last_full_at, "
        "last_changed_at, last_mode, last_duration_ms, rows_deleted, rows_updated, rows_inserted, last_error_at, last_error) "
        "VALUES ('m', 'v', '{id}', 'at', 1, now(), now(), now(), 'full', 12, 1, 2, 3, now(), 'it broke')");
    database.exec("VACUUM");
    const auto actor = [&place]() -> Actor & {
        place.actors.push_back(std::make_unique<Actor>(place.database->open()));
        return *place.actors.back();
    };
    actor().run("BEGIN; LOCK TABLE public.contested IN ACCESS EXCLUSIVE MODE; SELECT pg_catalog.txid_current()");
    actor().start("SELECT * FROM public.contested");
    actor().run("BEGIN; UPDATE \"we\"\"ird; drop\".\"Plays\" SET name = '' WHERE id = 1; SELECT pg_advisory_lock(7)");
    actor().start("UPDATE \"we\"\"ird; drop\".\"Plays\" SET name = '' WHERE id = 1");
    actor().start("SELECT pg_advisory_lock(7)");
    actor().start("REFRESH MATERIALIZED VIEW public.slow");
    actor().run("SET application_name = 'tidemark run 1'");
    place.actors.back()->start("SELECT * FROM public.contested");
    // What all databases share: a lock on the database itself.
    const QByteArray self = pg::quoteIdentifier(database.name()).toUtf8();
    database.exec("ALTER DATABASE " + self + " CONNECTION LIMIT 100");
    actor().run("BEGIN; COMMENT ON DATABASE " + self + " IS 'held'");
    actor().start("COMMENT ON DATABASE " + self + " IS 'waits'");
    QTRY_COMPARE(database.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                                "(wait_event_type = 'Lock' OR wait_event = 'PgSleep')"),
                 QStringLiteral("6"));
}

pg::Params TstQueryFiles::realParams(Place &place, const pg::SqlQuery &query)
{
    TestDatabase &database = *place.database;
    const auto array = [&database](const QByteArray &values) {
        return pg::Param(database.value("SELECT coalesce(array_agg(v), '{}')::text FROM (" + values + ") AS t (v)"));
    };
    const auto oid = [&database](const QString &relation) {
        return pg::Param(database.value("SELECT to_regclass($1)::oid", {relation}));
    };
    // Those that are locked are left out: asking for them in full would wait.
    const auto relations = [&array] {
        return array("SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
                     "WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname IN ('public', 'we\"ird; drop') "
                     "AND c.relname NOT IN ('contested', 'slow')");
    };
    if (query.id == QLatin1String("partitions/membership")) {
        return {array("SELECT 'part'::regclass::oid"), array("SELECT 7"), array("SELECT 7"),
                array("SELECT 'hashed'::regclass::oid")};
    }
    if (query.id.startsWith(QLatin1String("capture/"))) {
        pg::Params params{QStringLiteral("we\"ird; drop"), QStringLiteral("Plays")};
        if (query.params.size() > 2)
            params.push_back(QStringLiteral("{none}"));
        return params;
    }
    if (query.id == QLatin1String("runs/list"))
        return {nullptr, 10};
    if (query.id == QLatin1String("runs/events_since"))
        return {qint64(1), qint64(0)};
    if (query.id.startsWith(QLatin1String("runs/")) && !query.params.isEmpty())
        return {qint64(1)};
    if (query.id == QLatin1String("refresh/progress")) {
        return {array("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ~ '^REFRESH' "
                      "AND state = 'active'"),
                array("SELECT 'slow'::regclass::oid")};
    }
    if (query.id == QLatin1String("freshness/refresh_log"))
        return {qint64(0), std::numeric_limits<qint64>::max()};
    if (query.id == QLatin1String("timescale/newest")) {
        const QByteArray chunks = place.extensions.contains(QStringLiteral("timescaledb"))
                                      ? "FROM pg_inherits WHERE inhparent = 'reading'::regclass"
                                      : "FROM pg_inherits WHERE inhrelid = 'part_low'::regclass";
        return {array("SELECT inhrelid " + chunks), array("SELECT 'at' " + chunks)};
    }
    const bool ofHypertables = query.id.startsWith(QLatin1String("timescale/"));
    const QString subject = query.id == QLatin1String("statistics/partitions") ? QStringLiteral("part")
                            : query.id == QLatin1String("managed/view")        ? QStringLiteral("public.clocked")
                            : query.id.startsWith(QLatin1String("inventory/")) ? UglyTable::name().quoted()
                            : query.id == QLatin1String("detail/relation")
                                ? QStringLiteral("m")
                                : QStringLiteral("\"we\"\"ird; drop\".\"Plays\"");
    pg::Params params;
    for (const QString &type : query.params) {
        if (type == QLatin1String("oid[]"))
            params.push_back(relations());
        else if (type == QLatin1String("oid"))
            params.push_back(oid(subject));
        else if (type == QLatin1String("int4[]") && ofHypertables)
            params.push_back(array("SELECT id FROM _timescaledb_catalog.hypertable"));
        else if (type == QLatin1String("int4[]"))
            params.push_back(array("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"));
        else if (type == QLatin1String("int4"))
            params.push_back(place.actors.front()->pid());
        else if (type == QLatin1String("bool"))
            params.push_back(pg::Param(database.value("SELECT current_setting('track_commit_timestamp')")));
        else if (type == QLatin1String("int8") && query.id == QLatin1String("locks/edges"))
            params.push_back(qint64(500));
        else if (type == QLatin1String("int8"))
            params.push_back(qint64(0));
        else if (type == QLatin1String("xid") && !ofHypertables)
            params.push_back(quint32(3)); // the first there ever was: everything is news
        else
            params.push_back(type.endsWith(QLatin1String("[]")) ? pg::Param(QStringLiteral("{}")) : pg::Param(nullptr));
    }
    return params;
}

QString TstQueryFiles::columnsOf(pg::Session &session, const pg::ResultSet &result)
{
    std::vector<quint32> oids;
    for (int column = 0; column < result.columnCount(); ++column)
        oids.push_back(result.columnType(column));
    const auto types = session.exec(
        "SELECT t.oid, CASE WHEN e.oid IS NULL THEN t.typname ELSE e.typname || '[]' END AS name "
        "FROM pg_catalog.pg_type AS t "
        "LEFT JOIN pg_catalog.pg_type AS e ON e.typarray = t.oid WHERE t.oid = ANY ($1::oid[])",
        {pg::Param::array(oids)});
    if (!types)
        return QString::fromUtf8(describe(types.error()));
    QHash<quint32, QString> names;
    for (int row = 0; row < types->rowCount(); ++row)
        names.insert(types->oid(row, 0), types->text(row, 1));
    QStringList columns;
    for (int column = 0; column < result.columnCount(); ++column)
        columns << QString::fromUtf8(result.columnName(column)) + QLatin1Char(' ')
                       + names.value(result.columnType(column));
    return columns.join(QStringLiteral(", "));
}

void TstQueryFiles::everyFileAnswersWithTheColumnsItDeclares()
{
    QFETCH(const QString, server);
    QFETCH(const QString, id);
    if (server != community)
        TIDEMARK_REQUIRE_SERVER(server.toUtf8());
    Place &here = place(server);
    const pg::SqlQuery &query = pg::SqlLibrary::builtIn().query(id, here.session->serverVersion());
    if (const QString missing = missingHere(here, query); !missing.isEmpty())
        QSKIP(qPrintable(missing));

    const auto result = here.session->exec(query.sql, emptyParams(query));
    QVERIFY_RESULT(result);
    // "char" is written with and without its quotes.
    QString declared = query.columns.simplified();
    declared.remove(QLatin1Char('"'));
    QCOMPARE(columnsOf(*here.session, *result), declared);

    // What the server takes the placeholders for is what the header promises to callers.
    QVERIFY_RESULT(here.session->exec("PREPARE checked AS " + query.sql));
    const auto types = here.session->exec(
        "SELECT CASE WHEN e.oid IS NULL THEN t.typname ELSE e.typname || '[]' END AS name FROM pg_catalog.pg_prepared_statements AS p, "
        "pg_catalog.unnest(p.parameter_types::oid[]) WITH ORDINALITY AS u (type, position) "
        "JOIN pg_catalog.pg_type AS t ON t.oid = u.type LEFT JOIN pg_catalog.pg_type AS e ON e.typarray = t.oid "
        "WHERE p.name = 'checked' ORDER BY u.position");
    QVERIFY_RESULT(here.session->exec("DEALLOCATE checked"));
    QVERIFY_RESULT(types);
    QStringList taken;
    for (int row = 0; row < types->rowCount(); ++row)
        taken << types->text(row, 0);
    QCOMPARE(taken, query.params);
    m_run << key(query);
}

void TstQueryFiles::everyFileFindsWhatIsThere()
{
    QFETCH(const QString, server);
    QFETCH(const QString, id);
    if (server != community)
        TIDEMARK_REQUIRE_SERVER(server.toUtf8());
    Place &here = place(server);
    const pg::SqlQuery &query = pg::SqlLibrary::builtIn().query(id, here.session->serverVersion());
    if (const QString missing = missingHere(here, query); !missing.isEmpty())
        QSKIP(qPrintable(missing));

    const auto result = here.session->exec(query.sql, realParams(here, query));
    QVERIFY_RESULT(result);
    const QStringList allowed =
        notFoundHere(id, here.extensions.contains(QStringLiteral("pg_ivm"))).split(QLatin1Char(' '));
    if (allowed.contains(QStringLiteral("*")))
        return;
    QVERIFY2(!result->isEmpty(), "no row");
    QStringList notFound;
    for (int column = 0; column < result->columnCount(); ++column) {
        bool found = allowed.contains(QString::fromUtf8(result->columnName(column)));
        for (int row = 0; row < result->rowCount() && !found; ++row)
            found = !result->isNull(row, column) && result->bytes(row, column) != "{}";
        if (!found)
            notFound << QString::fromUtf8(result->columnName(column));
    }
    QCOMPARE(notFound.join(QLatin1Char(' ')), QString());
}

void TstQueryFiles::everyFileRunsForARoleWithoutRights()
{
    QFETCH(const QString, server);
    QFETCH(const QString, id);
    if (server != community)
        TIDEMARK_REQUIRE_SERVER(server.toUtf8());
    Place &here = place(server);
    const pg::SqlQuery &query = pg::SqlLibrary::builtIn().query(id, here.powerless->serverVersion());
    if (const QString missing = missingHere(here, query); !missing.isEmpty())
        QSKIP(qPrintable(missing));
    if (query.requires_.startsWith(QLatin1String("toolkit ")))
        QSKIP("the toolkit is for members of pg_monitor; the collectors ask whether they may read it");
    QVERIFY_RESULT(here.powerless->exec(query.sql, emptyParams(query)));
}

void TstQueryFiles::everyFileWasRunSomewhere()
{
    const pg::SqlLibrary &library = pg::SqlLibrary::builtIn();
    QStringList never;
    QStringList ofOtherVersions; // of an extension: its catalogue is another than the one installed here
    for (const QString &id : library.ids()) {
        for (int major = 12; major <= 18; ++major) {
            const pg::SqlQuery &query = library.query(id, major * 10'000);
            const bool isOfAnother = query.requires_.contains(QLatin1String("column "))
                                     || query.requires_.contains(QLatin1String("relation "));
            if (!m_run.contains(key(query)))
                (isOfAnother ? ofOtherVersions : never) << key(query);
        }
    }
    never.removeDuplicates();
    ofOtherVersions.removeDuplicates();
    const QString list = never.join(QLatin1Char('\n'));
    QVERIFY2(never.isEmpty() || !serversAreRequired(), qPrintable(list));
    if (!never.isEmpty() || !ofOtherVersions.isEmpty())
        QSKIP(qPrintable(QStringLiteral("no server here runs (see TIDEMARK_TEST_TIMESCALE): ")
                         + (never + ofOtherVersions).join(QStringLiteral(", "))));
}

QTEST_GUILESS_MAIN(TstQueryFiles)
#include "tst_queryfiles.moc"
