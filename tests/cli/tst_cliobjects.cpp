// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/printable.h"
#include "core/pg/qualifiedname.h"
#include "tests/support/program.h"
#include "tests/support/testdatabase.h"
#include "tests/support/testserver.h"

#include <QJsonArray>
#include <QRegularExpression>
#include <QScopeGuard>
#include <QTemporaryDir>

using namespace tidemark;
using namespace tidemark::test;

namespace {

QStringList to(const TestDatabase &database, const QStringList &rest)
{
    return QStringList{QStringLiteral("-d"), database.conn().withoutPassword()} + rest;
}

} // namespace

/// What the reading verbs tell of objects: which are meant, whatever their names hold, and shapes that are not everyday's.
class TstCliObjects : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void howSureARefreshIsAndWhatItIsJudgedByIsTold()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        QTemporaryDir folder;
        const QStringList look = to(database, {QStringLiteral("freshness"), QStringLiteral("--store"),
                                               folder.filePath(QStringLiteral("store.sqlite"))});
        const auto row = [&] {
            const Ran ran = runCtl(look + QStringList{QStringLiteral("--json")});
            return ran.json().value(QLatin1String("refreshables")).toArray().at(0).toObject();
        };
        database.exec("CREATE TABLE source (id int); INSERT INTO source VALUES (1);"
                      "CREATE MATERIALIZED VIEW numbers AS SELECT id FROM source");
        database.exec("REFRESH MATERIALIZED VIEW numbers"); // VACUUM FULL would have left the same
        database.exec("SELECT pg_stat_force_next_flush()");
        QJsonObject first = row();
        QCOMPARE(first[QLatin1String("probable")], QJsonValue(true));
        QCOMPARE(first[QLatin1String("judged")], QJsonValue(false));
        QCOMPARE(first[QLatin1String("judged_up_to")], QJsonValue());
        QCOMPARE(first[QLatin1String("status")], QJsonValue(QStringLiteral("unknown")));
        Ran table = runCtl(look);
        QVERIFY2(table.out.contains(QLatin1String(" commit? ")), qPrintable(table.out));
        QCOMPARE(table.err, QString());
        const Ran history = runCtl(
            to(database, {QStringLiteral("refreshes"), QStringLiteral("--json"), QStringLiteral("--store"),
                          folder.filePath(QStringLiteral("store.sqlite"))}));
        for (const QJsonValue &event : history.json().value(QLatin1String("refreshes")).toArray())
            QCOMPARE(event[QLatin1String("probable")], QJsonValue(true));

        database.exec("REFRESH MATERIALIZED VIEW numbers");
        first = row();
        QCOMPARE(first[QLatin1String("probable")], QJsonValue(false));
        QCOMPARE(first[QLatin1String("judged")], QJsonValue(true));
        QVERIFY(first[QLatin1String("judged_up_to")].toString()
                > first[QLatin1String("last_refresh_at")].toString().left(10));
        QCOMPARE(first[QLatin1String("status")], QJsonValue(QStringLiteral("fresh")));
        table = runCtl(look);
        QVERIFY2(table.out.contains(QLatin1String(" commit ")), qPrintable(table.out));
        QVERIFY2(table.err.startsWith(QLatin1String("fresh: as far as sessions have reported")), qPrintable(table.err));

        database.exec("REFRESH MATERIALIZED VIEW numbers");
        database.exec("INSERT INTO source VALUES (2); SELECT pg_stat_force_next_flush()");
        const QJsonObject missed = row();
        QCOMPARE(missed[QLatin1String("status")], QJsonValue(QStringLiteral("unknown")));
        QCOMPARE(missed[QLatin1String("not_judged_because")],
                 QJsonValue(QStringLiteral("rows changed around its refresh, and it may lack them: 1")));
    }

    void aNameLeavesNothingElseAndMustBeThere()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        database.exec(
            "CREATE SCHEMA other;"
            "CREATE TABLE one (id int) PARTITION BY LIST (id); CREATE TABLE two (id int) PARTITION BY LIST (id);"
            "CREATE TABLE other.two (id int) PARTITION BY LIST (id);"
            "CREATE MATERIALIZED VIEW seen AS SELECT 1 AS one; CREATE MATERIALIZED VIEW unseen AS SELECT 1 AS one");
        const auto names = [&](const QStringList &arguments, const char *key) {
            const Ran ran = runCtl(to(database, arguments + QStringList{QStringLiteral("--json")}));
            QStringList found{QString::number(ran.exitCode)};
            for (const QJsonValue &row : ran.json().value(QLatin1String(key)).toArray())
                found << row[QLatin1String("schema")].toString() + QLatin1Char('.')
                             + row[QLatin1String("name")].toString();
            return found.join(QLatin1Char(' '));
        };
        const QString partitions = QStringLiteral("partitions");
        const QString freshness = QStringLiteral("freshness");
        const QString refreshes = QStringLiteral("refreshes");
        QCOMPARE(names({partitions, QStringLiteral("one")}, "parents"), QStringLiteral("0 public.one"));
        QCOMPARE(names({partitions, QStringLiteral("two")}, "parents"), QStringLiteral("0 public.two other.two"));
        QCOMPARE(names({partitions, QStringLiteral("other.two")}, "parents"), QStringLiteral("0 other.two"));
        QCOMPARE(names({partitions, QStringLiteral("three")}, "parents"), QStringLiteral("1"));
        QCOMPARE(names({freshness, QStringLiteral("seen")}, "refreshables"), QStringLiteral("0 public.seen"));
        QCOMPARE(names({freshness, QStringLiteral("three")}, "refreshables"), QStringLiteral("1"));
        QVERIFY(names({refreshes, QStringLiteral("seen")}, "refreshes").startsWith(QLatin1String("0 public.seen")));
        QVERIFY(!names({refreshes, QStringLiteral("seen")}, "refreshes").contains(QLatin1String("unseen")));
        QCOMPARE(names({refreshes, QStringLiteral("three")}, "refreshes"), QStringLiteral("1"));
        for (const QString &verb : {partitions, freshness, refreshes}) {
            const Ran missing = runCtl(to(database, {verb, QStringLiteral("three")}));
            QCOMPARE(missing.exitCode, 1);
            QCOMPARE(missing.out, QString());
            QVERIFY2(missing.err.contains(QLatin1String("named three")), qPrintable(missing.err));
        }
        const Ran table = runCtl(to(database, {freshness, QStringLiteral("seen")}));
        QVERIFY2(!table.out.contains(QLatin1String("unseen")), qPrintable(table.out));
        static const QRegularExpression when(QStringLiteral("\n\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC  "));
        const Ran history = runCtl(to(database, {refreshes, QStringLiteral("seen")}));
        QVERIFY2(when.match(history.out).hasMatch(), qPrintable(history.out)); // to the second
    }

    void namesThatAreNotFitToPrintStandInOneLineAndColumn()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        const QStringList names{QStringLiteral("new\nline\ttab"), QStringLiteral("\x1b[31mred\x1b[0m"),
                                QString::fromUtf8("left\u202etfel"), QString::fromUtf8("\u8868\u683c\u6642\u9593"),
                                QStringLiteral("plain")};
        for (const QString &name : names) {
            database.exec("CREATE TABLE " + pg::quoteIdentifier(name).toUtf8() + " (id int) PARTITION BY LIST (id)");
            database.exec("CREATE MATERIALIZED VIEW " + pg::quoteIdentifier(name + QStringLiteral("_view")).toUtf8()
                          + " AS SELECT 1 AS one");
        }
        const Ran ran = runCtl(to(database, {QStringLiteral("partitions")}));
        QCOMPARE(ran.exitCode, 0);
        const QStringList lines = ran.out.trimmed().split(QLatin1Char('\n'));
        QCOMPARE(lines.size(), 1 + names.size());
        const int column = displayWidth(lines.first().left(lines.first().indexOf(QLatin1String("KIND"))));
        for (const QString &line : lines.mid(1))
            QCOMPARE(displayWidth(line.left(line.indexOf(QLatin1String("native")))), column);
        for (const char *shown : {"new\\nline\\ttab", "\\x1b[31mred\\x1b[0m", "left\\u202etfel"})
            QVERIFY2(ran.out.contains(QLatin1String(shown)), qPrintable(ran.out));
        for (const char *verb : {"status", "freshness", "partitions", "refreshes"}) {
            for (const QStringList &more : {QStringList{}, QStringList{QStringLiteral("--json")}}) {
                const Ran raw = runCtl(to(database, QStringList{QLatin1String(verb)} + more));
                QVERIFY2(!raw.out.contains(QChar(0x1b)) && !raw.out.contains(QChar(0x202e)), qPrintable(raw.out));
            }
        }
        QStringList told;
        const Ran document = runCtl(to(database, {QStringLiteral("partitions"), QStringLiteral("--json")}));
        for (const QJsonValue &row : document.json()[QLatin1String("parents")].toArray())
            told << row[QLatin1String("name")].toString();
        QCOMPARE(told, names);
        const Ran one = runCtl(
            to(database, {QStringLiteral("partitions"), pg::quoteIdentifier(names.at(1)), QStringLiteral("--json")}));
        QCOMPARE(one.json()[QLatin1String("parents")].toArray().size(), 1);
        const Ran missing = runCtl(to(database, {QStringLiteral("partitions"), QStringLiteral("\"\x1b[2J\"")}));
        QVERIFY2(missing.err.contains(QLatin1String("\\x1b[2J")) && !missing.err.contains(QChar(0x1b)),
                 qPrintable(missing.err));
    }

    void oneNameInAnotherEncodingHidesNoOther()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase home;
        const QByteArray name = home.name().toUtf8() + "_ascii";
        home.exec("CREATE DATABASE " + name + " ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        const auto dropped = qScopeGuard([&] { home.exec("DROP DATABASE " + name + " WITH (FORCE)"); });
        const pg::ConnInfo conn = home.conn().withDatabase(QString::fromUtf8(name));
        {
            auto session = pg::Session::open(conn, writable());
            QVERIFY_RESULT(session);
            QVERIFY_RESULT(session->execScript("SET search_path = public;"
                                               "CREATE MATERIALIZED VIEW \"caf\xe9\" AS SELECT 1 AS one;"
                                               "CREATE MATERIALIZED VIEW good AS SELECT 1 AS one;"
                                               "CREATE TABLE \"caf\xe8\" (id int) PARTITION BY LIST (id);"
                                               "CREATE TABLE part PARTITION OF \"caf\xe8\" FOR VALUES IN (1)"));
        }
        const auto ascii = [&](const QStringList &arguments) {
            return runCtl(QStringList{QStringLiteral("-d"), conn.withoutPassword()} + arguments);
        };
        for (const char *verb : {"status", "freshness", "partitions", "refreshes", "locks", "jobs"}) {
            const Ran ran = ascii({QLatin1String(verb)});
            QVERIFY2(ran.exitCode == 0, qPrintable(QLatin1String(verb) + QLatin1String(": ") + ran.err));
        }
        const Ran views = ascii({QStringLiteral("freshness")});
        QVERIFY2(views.out.contains(QLatin1String("public.\"caf\\xe9\"")), qPrintable(views.out));
        QVERIFY2(views.out.contains(QLatin1String("public.good")), qPrintable(views.out));
        const Ran tables = ascii({QStringLiteral("partitions"), QStringLiteral("--json"), QStringLiteral("--all")});
        const QJsonValue table = tables.json()[QLatin1String("parents")][0];
        QCOMPARE(table[QLatin1String("name")].toString(), QStringLiteral("caf\\xe8"));
        QCOMPARE(table[QLatin1String("children")][0][QLatin1String("name")].toString(), QStringLiteral("part"));
    }

    void missingRemaindersAreAGap()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        database.exec("CREATE TABLE h (id int) PARTITION BY HASH (id);"
                      "CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
                      "CREATE TABLE h1 PARTITION OF h FOR VALUES WITH (MODULUS 8, REMAINDER 3)");
        const Ran ran = runCtl(to(database, {QStringLiteral("partitions"), QStringLiteral("h")}));
        QCOMPARE(ran.exitCode, 0);
        for (const char *gap : {"modulus 8, remainder 1\n", "modulus 8, remainder 5\n", "modulus 8, remainder 7\n"})
            QVERIFY2(ran.out.contains(QLatin1String(gap)), qPrintable(ran.out));
        const Ran document = runCtl(to(database, {QStringLiteral("partitions"), QStringLiteral("--json")}));
        const QJsonArray gaps = document.json()[QLatin1String("parents")][0][QLatin1String("gaps")].toArray();
        QCOMPARE(gaps.size(), 3);
        QCOMPARE(gaps.at(0)[QLatin1String("modulus")].toInt(), 8);
        QCOMPARE(gaps.at(0)[QLatin1String("remainder")].toInt(), 1);
    }

    void rowsOfInheritanceParentsStandApart()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        database.exec(
            "CREATE TABLE log (id int); CREATE TABLE log_a () INHERITS (log); CREATE TABLE log_b () INHERITS (log);"
            "CREATE TABLE log_b1 () INHERITS (log_b);"
            "INSERT INTO log SELECT generate_series(1, 7); INSERT INTO log_a SELECT generate_series(1, 2);"
            "INSERT INTO log_b SELECT generate_series(1, 3); INSERT INTO log_b1 VALUES (1); ANALYZE");
        const Ran document = runCtl(
            to(database, {QStringLiteral("partitions"), QStringLiteral("log"), QStringLiteral("--json")}));
        const QJsonValue log = document.json()[QLatin1String("parents")][0];
        QCOMPARE(log[QLatin1String("rows_estimate")].toInt(), 13);
        QCOMPARE(log[QLatin1String("parent_rows")].toInt(), 10);
        QCOMPARE(log[QLatin1String("partitions")].toInt(), 2);
        const Ran ran = runCtl(to(database, {QStringLiteral("partitions"), QStringLiteral("log")}));
        static const QRegularExpression root(QStringLiteral("\npublic\\.log +rows in the parent +8\\.0.kB +7\n"));
        QVERIFY2(root.match(ran.out).hasMatch(), qPrintable(ran.out));
        QVERIFY2(runCtl(to(database, {QStringLiteral("partitions")})).out.contains(QLatin1String("PARENT ROWS")),
                 qPrintable(ran.out));
    }
};

QTEST_GUILESS_MAIN(TstCliObjects)
#include "tst_cliobjects.moc"
