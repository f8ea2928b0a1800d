// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/historystore.h"
#include "core/store/profilestore.h"
#include "tests/support/program.h"
#include "tests/support/testdatabase.h"
#include "tests/support/testserver.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QScopeGuard>
#include <QTemporaryDir>

#include <thread>

using namespace tidemark;
using namespace tidemark::test;

namespace {

Ran ctl(const QStringList &arguments, const RunOptions &options = {})
{
    return runCtl(arguments, options);
}

QStringList sortedKeys(const QJsonValue &value)
{
    return value.toObject().keys();
}

bool hasKeys(const QJsonValue &value, const QStringList &keys)
{
    const QStringList present = sortedKeys(value);
    return std::all_of(keys.begin(), keys.end(), [&](const QString &key) {
        if (!present.contains(key))
            qWarning("no key %s", qUtf8Printable(key));
        return present.contains(key);
    });
}

} // namespace

/// The real program: exit codes, data on stdout, words on stderr, JSON that others build on.
class TstCli : public QObject
{
    Q_OBJECT

private:
    static QStringList to(const TestDatabase &database, const QStringList &rest)
    {
        return QStringList{QStringLiteral("-d"), database.conn().withoutPassword()} + rest;
    }

private Q_SLOTS:
    void helpListsEveryVerb()
    {
        const Ran ran = ctl({QStringLiteral("--help")});
        QCOMPARE(ran.exitCode, 0);
        QCOMPARE(ran.err, QString());
        for (const char *verb :
             {"status", "freshness", "partitions", "refreshes", "locks", "jobs", "watch", "toolkit", "run", "runs",
              "show", "pause", "cancel", "proceed", "retune", "resume", "undo", "demo"})
            QVERIFY2(ran.out.contains(QLatin1String("\n  ") + QLatin1String(verb)), verb);
        // Between what is written and what it does stands room enough to tell them apart.
        const QString verbs = ran.out.section(QStringLiteral("Verbs:\n"), 1).section(QStringLiteral("\n\n"), 0, 0);
        const QStringList lines = verbs.split(QLatin1Char('\n'));
        const QString indent(30, QLatin1Char(' '));
        for (qsizetype i = 0; i < lines.size(); ++i) {
            const bool hasOwnLine = lines.value(i + 1).startsWith(indent);
            QVERIFY2(hasOwnLine || lines.at(i).mid(28, 2) == QLatin1String("  "), qPrintable(lines.at(i)));
        }
        QVERIFY(verbs.contains(QLatin1String("[PART]\n")));
    }

    void whatCouldNotBeWrittenIsNoSuccess_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("help") << QStringList{QStringLiteral("--help")};
        QTest::newRow("version") << QStringList{QStringLiteral("--version")};
        QTest::newRow("help of a verb") << QStringList{QStringLiteral("locks"), QStringLiteral("--help")};
        QTest::newRow("script") << QStringList{QStringLiteral("toolkit"), QStringLiteral("script")};
        QTest::newRow("demo") << QStringList{QStringLiteral("demo"), QStringLiteral("status")};
        QTest::newRow("table") << QStringList{QStringLiteral("-d"), QStringLiteral("@"), QStringLiteral("status")};
        QTest::newRow("json") << QStringList{QStringLiteral("-d"), QStringLiteral("@"), QStringLiteral("jobs"),
                                             QStringLiteral("--json")};
    }
    void whatCouldNotBeWrittenIsNoSuccess()
    {
        QFETCH(QStringList, arguments);
        if (arguments.contains(QStringLiteral("@"))) {
            TIDEMARK_REQUIRE_SERVER("15");
            arguments.replace(1,
                              server(QStringLiteral("15")).withDatabase(QStringLiteral("postgres")).withoutPassword());
        }
        RunOptions options;
        options.outFile = QStringLiteral("/dev/full");
        const Ran ran = ctl(arguments, options);
        QCOMPARE(ran.exitCode, 1);
        QVERIFY2(ran.err.contains(QLatin1String("could not be written: No space left on device")), qPrintable(ran.err));
    }

    void whatAVerbsUsageNamesItTakes()
    {
        const QString verbs = ctl({QStringLiteral("--help")}).out.section(QStringLiteral("Verbs:\n"), 1);
        static const QRegularExpression withArgument(QStringLiteral("^  (\\w+) [A-Z\\[a-z]"),
                                                     QRegularExpression::MultilineOption);
        int tried = 0;
        for (auto matches = withArgument.globalMatch(verbs.section(QStringLiteral("\n\n"), 0, 0)); matches.hasNext();) {
            const QString verb = matches.next().captured(1);
            const Ran ran = ctl(
                {QStringLiteral("-d"), QStringLiteral("postgresql://127.0.0.1:1/x"), verb, QStringLiteral("WORD")});
            QVERIFY2(ran.exitCode > 0 && !ran.err.contains(QLatin1String("unexpected argument")), qPrintable(ran.err));
            ++tried;
        }
        QVERIFY(tried >= 13);
    }

    void wordsThatMakeNoSenseAreUsageErrors_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("named");
        QTest::newRow("no verb") << QStringList{} << QStringLiteral("Usage:");
        QTest::newRow("unknown verb") << QStringList{QStringLiteral("refurbish")} << QStringLiteral("refurbish");
        QTest::newRow("unknown option") << QStringList{QStringLiteral("locks"), QStringLiteral("--frob")}
                                        << QStringLiteral("frob");
        QTest::newRow("unknown keyword") << QStringList{QStringLiteral("-d"), QStringLiteral("hast=x"),
                                                        QStringLiteral("locks")}
                                         << QStringLiteral("hast");
        QTest::newRow("unknown profile") << QStringList{QStringLiteral("--profile"), QStringLiteral("nobody"),
                                                        QStringLiteral("status")}
                                         << QStringLiteral("nobody");
        for (const char *verb : {"status", "locks", "jobs", "watch", "runs"}) {
            QTest::addRow("%s with an argument", verb)
                << QStringList{QLatin1String(verb), QStringLiteral("bogusarg")} << QStringLiteral("bogusarg");
        }
        QTest::newRow("two names") << QStringList{QStringLiteral("partitions"), QStringLiteral("one"),
                                                  QStringLiteral("two")}
                                   << QStringLiteral("two");
        QTest::newRow("no name") << QStringList{QStringLiteral("freshness"), QStringLiteral("a.b.c")}
                                 << QStringLiteral("a.b.c");
        QTest::newRow("target of nothing")
            << QStringList{QStringLiteral("freshness"), QStringLiteral("--target"), QStringLiteral("x=0")}
            << QStringLiteral("above 0");
        QTest::newRow("folder of the store") << QStringList{QStringLiteral("status"), QStringLiteral("--store"),
                                                            QStringLiteral("/nowhere/at/all/store.sqlite")}
                                             << QStringLiteral("/nowhere/at/all");
        QTest::newRow("folder as store") << QStringList{QStringLiteral("status"), QStringLiteral("--store"),
                                                        QStringLiteral("/tmp")}
                                         << QStringLiteral("is a folder");
        QTest::newRow("no duration") << QStringList{QStringLiteral("watch"), QStringLiteral("--for"),
                                                    QStringLiteral("soon")}
                                     << QStringLiteral("soon");
    }
    void wordsThatMakeNoSenseAreUsageErrors()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const QString, named);
        const Ran ran = ctl(arguments);
        QCOMPARE(ran.exitCode, 2);
        QCOMPARE(ran.out, QString());
        QVERIFY2(ran.err.contains(named), qPrintable(ran.err));
    }

    void refreshLogIsShownInstalledAndRemovedOnlyWhenConfirmed()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        const QTemporaryDir folder;
        const QString store = folder.filePath(QStringLiteral("store.sqlite"));
        const auto log = [&](const QStringList &rest) {
            return ctl(to(database, QStringList{QStringLiteral("--store"), store, QStringLiteral("toolkit")} + rest));
        };
        const Ran shown = log({QStringLiteral("script"), QStringLiteral("refresh_log")});
        QCOMPARE(shown.exitCode, 0);
        QVERIFY(shown.out.contains(QStringLiteral("CREATE EVENT TRIGGER tidemark_refresh_end")));
        const Ran before = log({QStringLiteral("status"), QStringLiteral("--json")});
        QCOMPARE(before.exitCode, 0);
        const auto logPart = [](const Ran &ran) {
            for (const QJsonValue &part : ran.json()[QStringLiteral("parts")].toArray()) {
                if (part[QStringLiteral("name")].toString() == QLatin1String("refresh_log"))
                    return part;
            }
            return QJsonValue();
        };
        QCOMPARE(logPart(before)[QStringLiteral("state")].toString(), QStringLiteral("not_installed"));
        QVERIFY(hasKeys(logPart(before),
                        {QStringLiteral("installed"), QStringLiteral("entries"), QStringLiteral("oldest_at"),
                         QStringLiteral("newest_at"), QStringLiteral("superuser"), QStringLiteral("standby")}));

        const QString part = QStringLiteral("refresh_log");
        const Ran unconfirmed = log({QStringLiteral("install"), part});
        QCOMPARE(unconfirmed.exitCode, 6);
        QVERIFY2(unconfirmed.err.contains(QStringLiteral("--yes")), qPrintable(unconfirmed.err));
        QCOMPARE(database.value("SELECT count(*) FROM pg_event_trigger"), QStringLiteral("0"));
        const Ran installed = log({QStringLiteral("install"), part, QStringLiteral("--yes")});
        QVERIFY2(installed.exitCode == 0, qPrintable(installed.err));
        QCOMPARE(logPart(log({QStringLiteral("status"), QStringLiteral("--json")}))[QStringLiteral("state")].toString(),
                 QStringLiteral("installed"));
        // Both the beginning and the end stand in the audit.
        const auto audited = HistoryStore(LocalStore::open(store).value()).audit(10);
        QVERIFY_RESULT(audited);
        QCOMPARE(audited->size(), 2U);
        QCOMPARE(audited->back().outcome, QStringLiteral("begun"));
        // A half of it can be taken away as well.
        database.exec("DROP TABLE tidemark.refresh_log CASCADE");
        QCOMPARE(logPart(log({QStringLiteral("status"), QStringLiteral("--json")}))[QStringLiteral("state")].toString(),
                 QStringLiteral("incomplete"));
        QCOMPARE(database.value("SELECT count(*) FROM pg_event_trigger"), QStringLiteral("2"));
        const Ran removed = log({QStringLiteral("uninstall"), part, QStringLiteral("--yes")});
        QVERIFY2(removed.exitCode == 0, qPrintable(removed.err));
        QCOMPARE(database.value("SELECT count(*) FROM pg_event_trigger"), QStringLiteral("0"));

        Profile profile;
        profile.name = QStringLiteral("careful");
        profile.connInfo = database.conn();
        QVERIFY_RESULT(ProfileStore(LocalStore::open(store).value()).add(profile));
        const Ran refused = ctl({QStringLiteral("--store"), store, QStringLiteral("--profile"), profile.name,
                                 QStringLiteral("toolkit"), QStringLiteral("install"), part, QStringLiteral("--yes")});
        QCOMPARE(refused.exitCode, 6);
        QVERIFY2(refused.err.contains(QStringLiteral("read-only")), qPrintable(refused.err));
    }

    void serverThatCannotBeReachedIsNamed_data()
    {
        QTest::addColumn<QString>("where");
        QTest::addColumn<QString>("named");
        QTest::newRow("nobody listens") << QStringLiteral("postgresql://127.0.0.1:1/plays")
                                        << QStringLiteral("127.0.0.1:1/plays");
        QTest::newRow("no such host") << QStringLiteral("host=no-such-host.invalid dbname=plays")
                                      << QStringLiteral("no-such-host.invalid");
    }
    void serverThatCannotBeReachedIsNamed()
    {
        QFETCH(const QString, where);
        QFETCH(const QString, named);
        const Ran ran = ctl({QStringLiteral("-d"), where, QStringLiteral("status")});
        QCOMPARE(ran.exitCode, 4);
        QCOMPARE(ran.out, QString());
        QVERIFY2(ran.err.contains(named), qPrintable(ran.err));
    }

    void serverThatCannotBeReachedStandsInTheDocument()
    {
        const Ran ran = ctl({QStringLiteral("status"), QStringLiteral("--json"), QStringLiteral("-d"),
                             QStringLiteral("postgresql://127.0.0.1:1/plays")});
        QVERIFY(ran.exitCode != 0);
        const QJsonArray errors = ran.json().value(QLatin1String("errors")).toArray();
        QCOMPARE(errors.size(), 1);
        QCOMPARE(errors.at(0).toObject().value(QLatin1String("part")).toString(), QStringLiteral("connection"));
        QVERIFY(!errors.at(0).toObject().value(QLatin1String("message")).toString().isEmpty());
        QCOMPARE(ran.json().value(QLatin1String("servers")).toArray().size(), 1);
    }

    void databaseThatDoesNotExistIsNamed()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        const Ran ran = ctl({QStringLiteral("-d"),
                             server(QStringLiteral("15")).withDatabase(QStringLiteral("no such")).withoutPassword(),
                             QStringLiteral("freshness")});
        QCOMPARE(ran.exitCode, 4);
        QVERIFY2(ran.err.contains(QLatin1String("\"no such\" does not exist")), qPrintable(ran.err));
    }

    void freshnessHasItsPromisedShape()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        database.exec("CREATE TABLE source (id int); INSERT INTO source VALUES (1);"
                      "CREATE MATERIALIZED VIEW \"we\"\"ird; View\" AS SELECT id FROM source;"
                      "CREATE UNIQUE INDEX ON \"we\"\"ird; View\" (id); REFRESH MATERIALIZED VIEW \"we\"\"ird; View\"");
        const Ran ran = ctl(to(database, {QStringLiteral("freshness"), QStringLiteral("--json")}));
        QCOMPARE(ran.err, QString());
        QCOMPARE(ran.exitCode, 0);
        QCOMPARE(ran.json().value(QStringLiteral("version")).toInt(), 1);
        const QJsonArray rows = ran.json().value(QStringLiteral("refreshables")).toArray();
        QCOMPARE(rows.size(), 1);
        QVERIFY(hasKeys(rows.at(0),
                        {QStringLiteral("server"), QStringLiteral("database"), QStringLiteral("schema"),
                         QStringLiteral("name"), QStringLiteral("kind"), QStringLiteral("last_refresh_at"),
                         QStringLiteral("confidence"), QStringLiteral("bracket_from"), QStringLiteral("bracket_to"),
                         QStringLiteral("last_changed_at"), QStringLiteral("source_changes"), QStringLiteral("judged"),
                         QStringLiteral("populated"), QStringLiteral("concurrently_eligible"),
                         QStringLiteral("refreshing"), QStringLiteral("target_ms"), QStringLiteral("breached")}));
        const QJsonObject row = rows.at(0).toObject();
        QCOMPARE(row.value(QStringLiteral("name")).toString(), QStringLiteral("we\"ird; View"));
        QCOMPARE(row.value(QStringLiteral("kind")).toString(), QStringLiteral("materialized_view"));
        QCOMPARE(row.value(QStringLiteral("confidence")).toString(), QStringLiteral("commit"));
        QCOMPARE(row.value(QStringLiteral("concurrently_eligible")).toBool(), true);
        QVERIFY(row.value(QStringLiteral("target_ms")).isNull());
    }

    void breachedTargetIsFoundByCheck()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        database.exec("CREATE MATERIALIZED VIEW kept AS SELECT 1 AS one");
        const Ran loose = ctl(to(database, {QStringLiteral("freshness"), QStringLiteral("--check"),
                                            QStringLiteral("--target"), QStringLiteral("public.kept=1h")}));
        QCOMPARE(loose.exitCode, 0);
        QTest::qWait(20);
        const Ran tight = ctl(to(database, {QStringLiteral("freshness"), QStringLiteral("--check"),
                                            QStringLiteral("--target"), QStringLiteral("public.kept=1ms")}));
        QCOMPARE(tight.exitCode, 3);
        QVERIFY2(tight.out.contains(QLatin1String("breached")), qPrintable(tight.out));
        const Ran wrong = ctl(
            to(database, {QStringLiteral("freshness"), QStringLiteral("--target"), QStringLiteral("no.such=1h")}));
        QCOMPARE(wrong.exitCode, 1);
        QVERIFY2(wrong.err.contains(QLatin1String("no.such")), qPrintable(wrong.err));
    }

    void partitionsTellGapsRunwayAndDefaultRows()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        database.exec("CREATE TABLE reading (at timestamptz NOT NULL, v int) PARTITION BY RANGE (at);"
                      "CREATE TABLE reading_1 PARTITION OF reading FOR VALUES FROM ('2026-01-01Z') TO ('2026-02-01Z');"
                      "CREATE TABLE reading_3 PARTITION OF reading FOR VALUES FROM ('2026-03-01Z') TO ('2026-04-01Z');"
                      "CREATE TABLE reading_rest PARTITION OF reading DEFAULT;"
                      "INSERT INTO reading VALUES ('2026-02-10Z', 1); ANALYZE reading_rest");
        const Ran ran = ctl(to(database, {QStringLiteral("partitions"), QStringLiteral("--json")}));
        QCOMPARE(ran.exitCode, 0);
        const QJsonArray parents = ran.json().value(QStringLiteral("parents")).toArray();
        QCOMPARE(parents.size(), 1);
        QVERIFY(hasKeys(parents.at(0),
                        {QStringLiteral("kind"), QStringLiteral("total_bytes"), QStringLiteral("rows_estimate"),
                         QStringLiteral("partitions"), QStringLiteral("default_rows"), QStringLiteral("gaps"),
                         QStringLiteral("runway_until")}));
        const QJsonObject parent = parents.at(0).toObject();
        QCOMPARE(parent.value(QStringLiteral("partitions")).toInt(), 3);
        QCOMPARE(parent.value(QStringLiteral("default_rows")).toInt(), 1);
        QCOMPARE(parent.value(QStringLiteral("gaps")).toArray().size(), 1);

        const Ran statistics = ctl(to(database, {QStringLiteral("partitions"), QStringLiteral("public.reading"),
                                                 QStringLiteral("--statistics"), QStringLiteral("--json")}));
        QVERIFY2(statistics.exitCode == 0, qPrintable(statistics.err));
        const QJsonArray rows = statistics.json().value(QStringLiteral("statistics")).toArray();
        QCOMPARE(rows.size(), 3);
        QVERIFY(hasKeys(rows.at(0), {QStringLiteral("server"), QStringLiteral("database"), QStringLiteral("table"),
                                     QStringLiteral("live_rows"), QStringLiteral("dead_rows"), QStringLiteral("scans"),
                                     QStringLiteral("cache_hit_ratio"), QStringLiteral("index_bytes")}));
        QCOMPARE(rows.at(2).toObject().value(QStringLiteral("name")).toString(), QStringLiteral("reading_rest"));
        QVERIFY(rows.at(2).toObject().value(QStringLiteral("table_bytes")).toInt() >= 8192);
        QCOMPARE(rows.at(0).toObject().value(QStringLiteral("last_vacuumed_at")), QJsonValue());
        const Ran unnamed = ctl(to(database, {QStringLiteral("partitions"), QStringLiteral("--statistics")}));
        QCOMPARE(unnamed.exitCode, 2);

        const Ran unknown = ctl(to(database, {QStringLiteral("partitions"), QStringLiteral("no_such_table")}));
        QCOMPARE(unknown.exitCode, 1);
        QVERIFY2(unknown.err.contains(QLatin1String("no_such_table")), qPrintable(unknown.err));
    }

    void aPartitionThatIsPartitionedIsATableOfItsOwn()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        database.exec("CREATE TABLE reading (at date NOT NULL, sensor int NOT NULL) PARTITION BY RANGE (at);"
                      "CREATE TABLE reading_1 PARTITION OF reading FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')"
                      "    PARTITION BY RANGE (sensor);"
                      "CREATE TABLE reading_1a PARTITION OF reading_1 FOR VALUES FROM (0) TO (10);"
                      "CREATE TABLE reading_1c PARTITION OF reading_1 FOR VALUES FROM (20) TO (30);"
                      "INSERT INTO reading SELECT '2026-01-10', i % 10 FROM generate_series(1, 1000) i;"
                      "ANALYZE reading_1a; ANALYZE reading_1c");
        const auto below = [&](const char *name) {
            return ctl(to(database,
                          {QStringLiteral("partitions"), QString::fromLatin1(name), QStringLiteral("--json")}))
                .json()
                .value(QStringLiteral("parents"))
                .toArray()
                .at(0)
                .toObject();
        };
        const QJsonObject whole = below("reading");
        const QJsonObject split = whole.value(QStringLiteral("children")).toArray().at(0).toObject();
        QCOMPARE(split.value(QStringLiteral("name")).toString(), QStringLiteral("reading_1"));
        QCOMPARE(split.value(QStringLiteral("rows_estimate")).toInt(), 1000);
        QVERIFY(split.value(QStringLiteral("bytes")).toInt() >= 8192);
        QCOMPARE(split.value(QStringLiteral("bytes")), whole.value(QStringLiteral("total_bytes")));

        const QJsonObject part = below("public.reading_1");
        QCOMPARE(part.value(QStringLiteral("key")).toString(), QStringLiteral("RANGE (sensor)"));
        QCOMPARE(part.value(QStringLiteral("partitions")).toInt(), 2);
        QCOMPARE(part.value(QStringLiteral("rows_estimate")).toInt(), 1000);
        const QJsonObject gap = part.value(QStringLiteral("gaps")).toArray().at(0).toObject();
        QCOMPARE(gap.value(QStringLiteral("from")).toString(), QStringLiteral("10"));
        const Ran table = ctl(to(database, {QStringLiteral("partitions"), QStringLiteral("reading_1")}));
        QCOMPARE(table.exitCode, 0);
        QVERIFY2(table.out.contains(QLatin1String("public.reading_1c"))
                     && table.out.contains(QLatin1String("gap from 10 to 20")),
                 qPrintable(table.out));

        const Ran leaf = ctl(to(database, {QStringLiteral("partitions"), QStringLiteral("reading_1a")}));
        QCOMPARE(leaf.exitCode, 1);
        QVERIFY2(leaf.err.contains(QLatin1String("reading_1a is a partition of public.reading and has none itself")),
                 qPrintable(leaf.err));
    }

    void jsonOfWhatCannotBeAskedSaysWhy()
    {
        const Ran ran = ctl({QStringLiteral("-d"), QStringLiteral("hots=nowhere"), QStringLiteral("--store"),
                             QStringLiteral("none"), QStringLiteral("status"), QStringLiteral("--json")});
        QCOMPARE(ran.exitCode, 2);
        const QJsonArray errors = ran.json().value(QStringLiteral("errors")).toArray();
        QCOMPARE(errors.size(), 1);
        QVERIFY(errors.at(0).toObject().value(QStringLiteral("message")).toString().contains(QLatin1String("hots")));
        const Ran script = ctl({QStringLiteral("toolkit"), QStringLiteral("script"), QStringLiteral("--json")});
        QVERIFY(script.json().value(QStringLiteral("script")).toString().contains(QLatin1String("CREATE SCHEMA")));
        const Ran limit = ctl({QStringLiteral("refreshes"), QStringLiteral("--store"), QStringLiteral("none"),
                               QStringLiteral("--limit"), QStringLiteral("few")});
        QCOMPARE(limit.exitCode, 2);
        const Ran unnamed = ctl({QStringLiteral("watch"), QStringLiteral("--database"), QString()});
        QCOMPARE(unnamed.exitCode, 2);
    }

    void locksNameBothSides()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        QVERIFY(ctl(to(database, {QStringLiteral("locks")})).exitCode == 0);
        database.exec("CREATE TABLE hot (id int)");
        pg::Session holder = database.open();
        QVERIFY_RESULT(holder.execScript("BEGIN; LOCK TABLE public.hot IN ACCESS SHARE MODE"));
        std::jthread waiter([&database](const std::stop_token &stop) {
            pg::Session session = database.open();
            pg::CallOptions call;
            call.stop = stop;
            static_cast<void>(session.exec("ALTER TABLE public.hot ADD COLUMN v int", {}, call));
        });
        QJsonArray edges;
        QTRY_VERIFY_WITH_TIMEOUT(
            ([&] {
                edges = ctl(to(database, {QStringLiteral("locks"), QStringLiteral("--json")}))
                            .json()
                            .value(QStringLiteral("edges"))
                            .toArray();
                for (const auto &edge : edges) {
                    if (edge.toObject().value(QStringLiteral("blocker")).toObject().value(QStringLiteral("pid")).toInt()
                        == holder.backendPid())
                        return true;
                }
                return false;
            }()),
            10'000);
        waiter.request_stop();
        for (const auto &value : std::as_const(edges)) {
            const QJsonObject edge = value.toObject();
            QVERIFY(hasKeys(edge.value(QStringLiteral("waiter")),
                            {QStringLiteral("pid"), QStringLiteral("application_name"), QStringLiteral("query"),
                             QStringLiteral("waiting_ms"), QStringLiteral("mode"), QStringLiteral("relation")}));
            QVERIFY(hasKeys(edge.value(QStringLiteral("blocker")),
                            {QStringLiteral("pid"), QStringLiteral("application_name"), QStringLiteral("state"),
                             QStringLiteral("query"), QStringLiteral("xact_ms")}));
        }
    }

    void aPreparedTransactionTellsWhatItHolds_data()
    {
        QTest::addColumn<QByteArray>("held");
        QTest::addColumn<QByteArray>("wanted");
        QTest::addColumn<QString>("mode");
        QTest::newRow("table") << QByteArray("LOCK TABLE public.hot IN SHARE MODE")
                               << QByteArray("INSERT INTO public.hot VALUES (2)") << QStringLiteral("ShareLock");
        QTest::newRow("row") << QByteArray("UPDATE public.hot SET id = 3") << QByteArray("DELETE FROM public.hot")
                             << QStringLiteral("ExclusiveLock");
    }
    void aPreparedTransactionTellsWhatItHolds()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        QFETCH(const QByteArray, held);
        QFETCH(const QByteArray, wanted);
        QFETCH(const QString, mode);
        TestDatabase database;
        database.exec("CREATE TABLE hot (id int); INSERT INTO hot VALUES (1)");
        const QByteArray gid = pg::quoteLiteral(QStringLiteral("held in ") + database.name()).toUtf8();
        pg::Session holder = database.open();
        QVERIFY_RESULT(holder.execScript("BEGIN; " + held + "; PREPARE TRANSACTION " + gid));
        const auto undone = qScopeGuard([&] { database.exec("ROLLBACK PREPARED " + gid); });
        const std::jthread waiter([&](const std::stop_token &stop) {
            pg::Session session = database.open();
            pg::CallOptions call;
            call.stop = stop;
            static_cast<void>(session.exec(wanted, {}, call));
        });
        QTRY_COMPARE(
            database.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = "
                           "current_database()"),
            QStringLiteral("1"));
        QString found;
        for (const QJsonValue &edge : ctl(to(database, {QStringLiteral("locks"), QStringLiteral("--json")}))
                                          .json()[QLatin1String("edges")]
                                          .toArray()) {
            const QJsonValue blocker = edge[QLatin1String("blocker")];
            if (blocker[QLatin1String("prepared_transaction")].toString().contains(database.name()))
                found = blocker[QLatin1String("held_mode")].toString();
        }
        QCOMPARE(found, mode);
        const Ran tree = ctl(to(database, {QStringLiteral("locks")}));
        QVERIFY2(tree.out.contains(QStringLiteral(", holds %1, holds up 1").arg(mode)), qPrintable(tree.out));
    }

    void watchTellsItIsConnectedAndEndsByItself()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        const Ran ran = ctl(to(database, {QStringLiteral("watch"), QStringLiteral("--for"), QStringLiteral("1s"),
                                          QStringLiteral("--json")}));
        QCOMPARE(ran.exitCode, 0);
        const QJsonObject first = QJsonDocument::fromJson(ran.out.section(QLatin1Char('\n'), 0, 0).toUtf8()).object();
        QCOMPARE(first.value(QStringLiteral("event")).toString(), QStringLiteral("connected"));
        QCOMPARE(first.value(QStringLiteral("database")).toString(), database.name());
    }

    void brokenHistoryFileIsToldAndStopsNothing()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        database.exec("CREATE MATERIALIZED VIEW m AS SELECT 1 AS one");
        QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("broken.sqlite")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("this is not a database, and it must stay as it is");
        file.close();
        const Ran ran = ctl(to(database, {QStringLiteral("freshness"), QStringLiteral("--store"), file.fileName()}));
        QCOMPARE(ran.exitCode, 0);
        QVERIFY2(ran.err.contains(file.fileName()), qPrintable(ran.err));
        QVERIFY2(ran.err.contains(QLatin1String("Move the file away")), qPrintable(ran.err)); // the way out
        QVERIFY2(ran.out.contains(QLatin1String("public.m")), qPrintable(ran.out));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("this is not a database, and it must stay as it is"));
    }
};

QTEST_GUILESS_MAIN(TstCli)
#include "tst_cli.moc"
