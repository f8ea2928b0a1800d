// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/qualifiedname.h"
#include "core/pg/sqllibrary.h"
#include "tests/support/testserver.h"

#include <QDir>
#include <QDirIterator>
#include <QSet>

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
    };

    static void rows();
    Place &place(const QString &server);
    /// Why this file cannot run here; empty where it can.
    static QString missingHere(Place &place, const pg::SqlQuery &query);
    static pg::Params emptyParams(const pg::SqlQuery &query);
    /// "relid oid, names text[]" of a result.
    static QString columnsOf(pg::Session &session, const pg::ResultSet &result);

    std::map<QString, Place> m_places;
    QSet<QString> m_run; ///< "area/query/variant"
};

namespace {

// Objects that the queries have something to say about, so that their joins and functions are really evaluated.
const QByteArray content = R"(
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
INSERT INTO part VALUES (1, '2026-01-05'), (1, '2027-01-01');
CREATE TABLE parent (id bigint);
CREATE TABLE child (CHECK (id BETWEEN 1 AND 10)) INHERITS (parent);
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
        QFile script(QStringLiteral(":/toolkit/%1.up.sql").arg(part));
        if (script.open(QIODevice::ReadOnly))
            made.database->exec(script.readAll());
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
            there = hasRelation(*place.session, QStringLiteral("tidemark.") + name);
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
    const QDir folder(QStringLiteral(TIDEMARK_SOURCE_DIR "/resources/sql"));
    const pg::SqlLibrary &library = pg::SqlLibrary::builtIn();
    QStringList never;
    QStringList ofOtherVersions; // of an extension: its catalogue is another than the one installed here
    QDirIterator files(folder.path(), {QStringLiteral("*.sql")}, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QString file = folder.relativeFilePath(files.next());
        file.chop(4);
        if (m_run.contains(file))
            continue;
        const QString needs = library.query(file.section(QLatin1Char('/'), 0, -2), 180000).requires_;
        const bool isOfAnother = needs.contains(QLatin1String("column ")) || needs.contains(QLatin1String("relation "));
        (isOfAnother ? ofOtherVersions : never) << file;
    }
    const QString list = never.join(QLatin1Char('\n'));
    QVERIFY2(never.isEmpty() || !serversAreRequired(), qPrintable(list));
    if (!never.isEmpty() || !ofOtherVersions.isEmpty())
        QSKIP(qPrintable(QStringLiteral("no server here runs (see TIDEMARK_TEST_TIMESCALE): ")
                         + (never + ofOtherVersions).join(QStringLiteral(", "))));
}

QTEST_GUILESS_MAIN(TstQueryFiles)
#include "tst_queryfiles.moc"
