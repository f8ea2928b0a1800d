// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backfill/backfillspec.h"
#include "core/changes/allactions.h"
#include "core/plan/runner.h"
#include "core/plan/toolkit.h"
#include "tests/support/actor.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QRandomGenerator>

#include <future>

using namespace tidemark;
using namespace tidemark::test;
using backfill::BackfillSpec;

namespace {

BackfillSpec filling(const char *table, const std::vector<backfill::Assignment> &set, const QString &where = {})
{
    BackfillSpec spec;
    spec.table = {QStringLiteral("public"), QLatin1String(table)};
    spec.set = set;
    spec.where = where;
    return spec;
}

/// Small chunks, so that there are several.
RunSettings smallChunks()
{
    RunSettings settings;
    settings.chunkPages = 16;
    settings.chunkTime = Millis(20);
    settings.workers = 3;
    return settings;
}

} // namespace

/// Filling columns and tables in chunks while others write: each row once, all of them, and back again.
class TstBackfill : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
        m_database->exec("CREATE TABLE plays (id bigint PRIMARY KEY, note text, price int NOT NULL, length int);"
                         "INSERT INTO plays SELECT g, repeat('x', g % 50), 100, CASE WHEN g % 10 = 0 THEN -1 END "
                         "FROM generate_series(1, 20000) AS g; ANALYZE plays");
    }
    void cleanup() { m_database.reset(); }

    void aColumnIsFilledWhileClientsWriteDeclaredNotNullAndProven();
    void anExpressionThatMayNotRunTwiceIsAppliedOnceToEachRow();
    void undoGivesBackWhatWasThereAndLeavesWhatOthersChanged();
    void aTableIsFilledFromAnotherAndEmptiedAgain();
    void partitionsAreFilledOneByOne();
    void namesMayBeAsUglyAsTheyLike();
    void whatCannotBeFilledIsToldBeforehand_data();
    void whatCannotBeFilledIsToldBeforehand();
    void aConditionThatFillingDoesNotEndIsToldAndNothingStays();

private:
    /// Runs the plan until it ends or waits for a word, and returns the run.
    qint64 runUntilHeld(const BackfillSpec &spec, const std::function<void()> &meanwhile = {});
    void undo(qint64 run);
    void proceed(qint64 run);
    [[nodiscard]] Runner runner() const
    {
        return Runner({m_database->conn(), QStringLiteral("the test"), Millis(30'000), {}}, allActions());
    }
    [[nodiscard]] QString value(const char *sql) { return m_database->value(sql); }

    std::unique_ptr<TestDatabase> m_database;
};

qint64 TstBackfill::runUntilHeld(const BackfillSpec &spec, const std::function<void()> &meanwhile)
{
    pg::Session session = pg::Session::open(m_database->conn(), writable()).value();
    const auto plan = backfill::planBackfill(session, spec);
    if (!plan) {
        QTest::qFail(qPrintable(plan.error().summary()), __FILE__, __LINE__);
        return 0;
    }
    if (const auto installed = applyToolkit(session, QStringLiteral("runs"), true); !installed)
        QTest::qFail(qPrintable(installed.error().summary()), __FILE__, __LINE__);
    const qint64 run = Journal::create(session, *plan, smallChunks()).value();
    std::stop_source detach;
    auto driving = std::async(std::launch::async, [&] { return runner().run(run, detach.get_token()); });
    if (meanwhile)
        meanwhile();
    QElapsedTimer limit;
    limit.start();
    while (driving.wait_for(std::chrono::milliseconds(20)) != std::future_status::ready) {
        const bool isHeld = m_database->value(
                                "SELECT count(*) FROM tidemark.run_step WHERE name = 'finish' AND state = 'waiting'")
                            == QLatin1String("1");
        if (isHeld || limit.elapsed() > 60'000)
            detach.request_stop();
    }
    const auto result = driving.get();
    if (!result)
        QTest::qFail(qPrintable(result.error().summary()), __FILE__, __LINE__);
    else if (result->error)
        QTest::qFail(qPrintable(result->error->summary()), __FILE__, __LINE__);
    return run;
}

void TstBackfill::undo(qint64 run)
{
    std::stop_source never;
    const auto result = runner().undo(run, never.get_token());
    QVERIFY_RESULT(result);
    QVERIFY2(result->end == RunEnd::Undone, result->error ? qPrintable(result->error->summary()) : "");
}

void TstBackfill::proceed(qint64 run)
{
    pg::Session session = pg::Session::open(m_database->conn(), writable()).value();
    QVERIFY_RESULT(session.exec("INSERT INTO tidemark.run_request (run, verb) VALUES ($1, 'proceed')", {run}));
    std::stop_source never;
    const auto result = runner().run(run, never.get_token());
    QVERIFY_RESULT(result);
    QVERIFY2(result->end == RunEnd::Succeeded, result->error ? qPrintable(result->error->summary()) : "");
}

void TstBackfill::aColumnIsFilledWhileClientsWriteDeclaredNotNullAndProven()
{
    BackfillSpec spec = filling("plays", {{QStringLiteral("length"), QStringLiteral("pg_catalog.length(note)")}});
    spec.keepUp = true;
    spec.notNull = true;
    const quint32 seed = QRandomGenerator::global()->generate();
    qInfo("seed %u", seed);
    std::atomic_bool stop = false;
    std::vector<std::thread> writers;
    QStringList errors;
    std::mutex mutex;
    for (quint32 worker = 0; worker < 2; ++worker) {
        writers.emplace_back([&, worker] {
            QRandomGenerator random(seed + worker);
            pg::Session session = pg::Session::open(m_database->conn(), writable()).value();
            for (qint64 next = 100'000 + worker; !stop; next += 2) {
                const qint64 id = random.bounded(1, 20'001);
                const QByteArray sql =
                    random.bounded(3) == 0 ? "DELETE FROM public.plays WHERE id = $1 AND id <> $2"
                    : random.bounded(2) == 0
                        ? "UPDATE public.plays SET note = note || 'y', length = NULL WHERE id = $1 AND id <> $2"
                        : "INSERT INTO public.plays (id, note, price) VALUES ($2, 'new', $1 % 7)";
                const auto done = session.exec(sql, {id, next});
                if (!done) {
                    const std::scoped_lock lock(mutex);
                    errors << done.error().summary();
                }
            }
        });
    }
    const qint64 run = runUntilHeld(spec);
    stop = true;
    for (std::thread &writer : writers)
        writer.join();
    QVERIFY2(errors.isEmpty(), qPrintable(errors.join(QLatin1Char('\n')).left(2'000)));
    QCOMPARE(value("SELECT count(*) FROM plays WHERE length IS NULL"), QStringLiteral("0"));
    QCOMPARE(value("SELECT count(*) FROM plays WHERE length NOT IN (-1, length(note))"), QStringLiteral("0"));
    QCOMPARE(value("SELECT attnotnull FROM pg_attribute WHERE attrelid = 'plays'::regclass AND attname = 'length'"),
             QStringLiteral("t"));
    proceed(run);
    QCOMPARE(value("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'plays'::regclass"), QStringLiteral("0"));
    QCOMPARE(value("SELECT count(*) FROM pg_class WHERE relname ~ '^backfill_'"), QStringLiteral("0"));
    QCOMPARE(value("SELECT count(*) FROM pg_constraint WHERE conrelid = 'plays'::regclass AND contype = 'c'"),
             QStringLiteral("0"));
}

void TstBackfill::anExpressionThatMayNotRunTwiceIsAppliedOnceToEachRow()
{
    // Somebody holds some rows, and moves others to the end of the table, over and over.
    Actor holder(m_database->open());
    holder.run("BEGIN");
    holder.run("UPDATE public.plays SET note = 'held' WHERE id % 997 = 0");
    const auto meanwhile = [&] {
        for (int round = 0; round < 20; ++round)
            m_database->exec("UPDATE plays SET note = note || 'z' WHERE id % 100 = 7");
        QTRY_VERIFY_WITH_TIMEOUT(value("SELECT count(*) FROM tidemark.run_event WHERE text ~ 'once more'").toInt() > 0,
                                 20'000);
        holder.run("COMMIT");
    };
    const qint64 run = runUntilHeld(
        filling("plays", {{QStringLiteral("price"), QStringLiteral("price * 2 + 1")}}, QStringLiteral("id <= 19000")),
        meanwhile);
    QCOMPARE(value("SELECT count(*) FROM plays WHERE price <> CASE WHEN id <= 19000 THEN 201 ELSE 100 END"),
             QStringLiteral("0"));
    QCOMPARE(value("SELECT (outcome ->> 'rows')::int FROM tidemark.run_step WHERE name = 'fill'"),
             QStringLiteral("19000"));
    undo(run);
    QCOMPARE(value("SELECT count(*) FROM plays WHERE price <> 100"), QStringLiteral("0"));
}

void TstBackfill::undoGivesBackWhatWasThereAndLeavesWhatOthersChanged()
{
    BackfillSpec spec = filling("plays",
                                {{QStringLiteral("length"), QStringLiteral("pg_catalog.length(note)")},
                                 {QStringLiteral("note"), QStringLiteral("pg_catalog.upper(note)")}},
                                QStringLiteral("length IS NULL"));
    const QString before = value(
        "SELECT md5(string_agg(plays::text, ',' ORDER BY id)) FROM plays WHERE id NOT IN (7, 8)");
    const qint64 run = runUntilHeld(spec);
    QCOMPARE(value("SELECT count(*) FROM plays WHERE length IS NULL"), QStringLiteral("0"));
    QCOMPARE(value("SELECT note FROM plays WHERE id = 3"), QStringLiteral("XXX"));
    m_database->exec("UPDATE plays SET length = 777 WHERE id = 7; DELETE FROM plays WHERE id = 8");
    undo(run);
    QCOMPARE(value("SELECT md5(string_agg(plays::text, ',' ORDER BY id)) FROM plays WHERE id NOT IN (7, 8)"), before);
    QCOMPARE(value("SELECT length FROM plays WHERE id = 7"), QStringLiteral("777"));
    QCOMPARE(value("SELECT count(*) FROM tidemark.run_event WHERE text ~ '^2 rows were changed or deleted by others'"),
             QStringLiteral("1"));
    QCOMPARE(value("SELECT count(*) FROM pg_class WHERE relname ~ '^backfill_'"), QStringLiteral("0"));
}

void TstBackfill::aTableIsFilledFromAnotherAndEmptiedAgain()
{
    m_database->exec("CREATE TABLE daily (day int, id bigint, price numeric NOT NULL, PRIMARY KEY (id, day));"
                     "INSERT INTO daily VALUES (5, 5, 7)");
    BackfillSpec spec = filling("daily", {{QStringLiteral("id"), QStringLiteral("id")},
                                          {QStringLiteral("day"), QStringLiteral("(id % 31)::int")},
                                          {QStringLiteral("price"), QStringLiteral("price / 2.0")}});
    spec.from = {QStringLiteral("public"), QStringLiteral("plays")};
    const qint64 run = runUntilHeld(spec);
    QCOMPARE(value("SELECT count(*) || ' ' || sum(price) FROM daily"), QStringLiteral("20000 999957.0000000000000000"));
    QCOMPARE(value("SELECT price FROM daily WHERE id = 5"), QStringLiteral("7")); // was there before
    undo(run);
    QCOMPARE(value("SELECT string_agg(daily::text, ',') FROM daily"), QStringLiteral("(5,5,7)"));
}

void TstBackfill::partitionsAreFilledOneByOne()
{
    m_database->exec(
        "CREATE TABLE p (id int, at date NOT NULL, day text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);"
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');"
        "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY RANGE (id);"
        "CREATE TABLE p2a PARTITION OF p2 DEFAULT;"
        "INSERT INTO p SELECT g, date '2026-01-01' + g % 59 FROM generate_series(1, 5000) AS g");
    const qint64 run = runUntilHeld(
        filling("p", {{QStringLiteral("day"), QStringLiteral("pg_catalog.to_char(at, 'Dy')")}}));
    QCOMPARE(value("SELECT count(*) FROM p WHERE day IS DISTINCT FROM to_char(at, 'Dy')"), QStringLiteral("0"));
    undo(run);
    QCOMPARE(value("SELECT count(*) FROM p WHERE day IS NOT NULL"), QStringLiteral("0"));
}

void TstBackfill::namesMayBeAsUglyAsTheyLike()
{
    m_database->exec(
        "CREATE DOMAIN \"Köln; --\" AS text; CREATE TABLE \"We\"\"ird; drop\" (\"Key \"\" ä\" uuid PRIMARY KEY DEFAULT gen_random_uuid(), "
        "\"select\" \"Köln; --\", \"tidemark_place\" int, \"ctid2\" json);"
        "INSERT INTO \"We\"\"ird; drop\" SELECT FROM generate_series(1, 300)");
    BackfillSpec spec = filling("We\"ird; drop", {{QStringLiteral("select"), QStringLiteral("'a;''b'")},
                                                  {QStringLiteral("ctid2"), QStringLiteral("'{\"a\":  1}'")}});
    spec.add = {{QStringLiteral("Neu \" ß"), QStringLiteral("varchar(10) COLLATE \"C\"")}};
    spec.set.push_back({QStringLiteral("Neu \" ß"), QStringLiteral("pg_catalog.left(\"Key \"\" ä\"::text, 10)")});
    const qint64 run = runUntilHeld(spec);
    QCOMPARE(
        value(
            "SELECT count(*) FROM \"We\"\"ird; drop\" WHERE \"select\" = 'a;''b' AND ctid2::text = '{\"a\":  1}' AND length(\"Neu \"\" ß\") = 10"),
        QStringLiteral("300"));
    undo(run);
    QCOMPARE(value("SELECT count(*) FROM \"We\"\"ird; drop\" WHERE \"select\" IS NULL AND ctid2 IS NULL"),
             QStringLiteral("300"));
    QCOMPARE(
        value(
            "SELECT count(*) FROM pg_attribute WHERE attrelid = '\"We\"\"ird; drop\"'::regclass AND attname ~ 'Neu' AND NOT attisdropped"),
        QStringLiteral("0"));
}

void TstBackfill::whatCannotBeFilledIsToldBeforehand_data()
{
    QTest::addColumn<QString>("table");
    QTest::addColumn<QString>("column");
    QTest::addColumn<QString>("expression");
    QTest::addColumn<QString>("where");
    QTest::addColumn<QString>("told");
    const auto row = [](const char *name, const char *table, const char *column, const char *expression,
                        const char *where, const char *told) {
        QTest::newRow(name) << QString::fromLatin1(table) << QString::fromLatin1(column)
                            << QString::fromLatin1(expression) << QString::fromLatin1(where) << QString::fromUtf8(told);
    };
    row("no such table", "nosuch", "a", "1", "", "public.nosuch");
    row("no such column", "plays", "genre", "1", "", "“genre” of public.plays is not there");
    row("a column of the key", "plays", "id", "id + 1", "true", "part of the key");
    row("a generated column", "g", "doubled", "1", "true", "is generated");
    row("no key", "keyless", "a", "1", "", "no key");
    row("an expression with a mistake", "plays", "length", "lenght(note)", "", "lenght");
    row("an expression of another type", "plays", "length", "note", "",
        "is of type integer but expression is of type text");
    row("a condition with a mistake", "plays", "length", "1", "lenth IS NULL", "lenth");
    row("a view", "v", "a", "1", "", "public.v");
}

void TstBackfill::whatCannotBeFilledIsToldBeforehand()
{
    QFETCH(const QString, table);
    QFETCH(const QString, column);
    QFETCH(const QString, expression);
    QFETCH(const QString, where);
    QFETCH(const QString, told);
    m_database->exec("CREATE TABLE g (id int PRIMARY KEY, doubled int GENERATED ALWAYS AS (id * 2) STORED);"
                     "CREATE TABLE keyless (a int); CREATE VIEW v AS SELECT 1 AS a");
    pg::Session session = pg::Session::open(m_database->conn()).value();
    const auto plan = backfill::planBackfill(session, filling(qPrintable(table), {{column, expression}}, where));
    QVERIFY(!plan);
    QVERIFY2(plan.error().summary().contains(told), qPrintable(plan.error().summary()));
    QCOMPARE(value("SELECT to_regnamespace('tidemark') IS NULL"), QStringLiteral("t"));
}

void TstBackfill::aConditionThatFillingDoesNotEndIsToldAndNothingStays()
{
    BackfillSpec spec = filling("plays",
                                {{QStringLiteral("length"), QStringLiteral("NULLIF(pg_catalog.length(note), 5)")}});
    pg::Session session = pg::Session::open(m_database->conn(), writable()).value();
    const Plan plan = backfill::planBackfill(session, spec).value();
    QVERIFY_RESULT(applyToolkit(session, QStringLiteral("runs"), true));
    const qint64 run = Journal::create(session, plan, smallChunks()).value();
    std::stop_source never;
    const auto result = runner().run(run, never.get_token());
    QVERIFY_RESULT(result);
    QVERIFY(result->end == RunEnd::Failed);
    QVERIFY2(result->error->summary().contains(QLatin1String("the condition still holds")),
             qPrintable(result->error->summary()));
    undo(run);
    QCOMPARE(value("SELECT count(*) FROM plays WHERE length IS NOT NULL"), QStringLiteral("2000"));
    QCOMPARE(value("SELECT count(*) FROM pg_class WHERE relname ~ '^backfill_'"), QStringLiteral("0"));
}

QTEST_GUILESS_MAIN(TstBackfill)
#include "tst_backfill.moc"
