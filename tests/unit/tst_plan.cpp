// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/plan.h"
#include "core/plan/runsettings.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace tidemark;

namespace {

Plan everything()
{
    Plan plan;
    plan.kind = QStringLiteral("sql");
    plan.title = QStringLiteral("Give public.plays a key");
    plan.target = {QStringLiteral("7300000000000000001"), 4242, QStringLiteral("we\"ird")};
    plan.spec = {{QStringLiteral("table"), QStringLiteral("plays")}};
    plan.notes = {QStringLiteral("Writers wait for up to 50 ms.")};

    Step index;
    index.name = QStringLiteral("build_index");
    index.title = QStringLiteral("Build the index");
    index.transaction = StepTransaction::None;
    index.statements = {QStringLiteral("CREATE UNIQUE INDEX CONCURRENTLY k ON public.plays (id)")};
    index.satisfied = QStringLiteral("SELECT true");
    index.cleanup = {QStringLiteral("DROP INDEX CONCURRENTLY IF EXISTS public.k")};
    index.undo = {QStringLiteral("DROP INDEX CONCURRENTLY public.k")};
    index.undoTransaction = StepTransaction::None;
    index.parameters = {{QStringLiteral("workers"), 2}};

    Step key;
    key.name = QStringLiteral("add_key");
    key.title = QStringLiteral("Make it the primary key");
    key.risk = Risk::Medium;
    key.hold = true;
    key.pointOfNoReturn = true;
    key.attempts = 7;
    key.locks = {{{QStringLiteral("public"), QStringLiteral("plays")}, LockMode::AccessExclusive}};
    key.checks = {
        {QStringLiteral("SELECT count(*) = 0 FROM public.plays WHERE id IS NULL"), QStringLiteral("id has no NULL")}};
    key.statements = {QStringLiteral("ALTER TABLE public.plays ADD PRIMARY KEY USING INDEX k")};
    key.verify = {{QStringLiteral("SELECT true"), QStringLiteral("it is there")}};
    plan.steps = {index, key};
    return plan;
}

} // namespace

class TstPlan : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aPlanComesBackFromItsFileAsItWas()
    {
        const Plan plan = everything();
        const auto read = Plan::parse(QJsonDocument(plan.toJson()).toJson());
        QVERIFY2(read, read ? "" : qPrintable(read.error().summary()));
        QCOMPARE(*read == plan, true);
        QCOMPARE(read->fingerprint(), plan.fingerprint());
    }

    void whatWillBeDoneDecidesTheFingerprintAndItsWordsDoNot()
    {
        const Plan plan = everything();
        Plan other = plan;
        other.title = QStringLiteral("Another title");
        other.notes.clear();
        QCOMPARE(other.fingerprint(), plan.fingerprint());
        other.steps[1].statements[0] += QLatin1Char(' ');
        QVERIFY(other.fingerprint() != plan.fingerprint());
        other = plan;
        other.target.databaseOid = 1;
        QVERIFY(other.fingerprint() != plan.fingerprint());
        other = plan;
        std::swap(other.steps[0], other.steps[1]);
        QVERIFY(other.fingerprint() != plan.fingerprint());
    }

    void aPlanChangedByHandIsRefused()
    {
        QByteArray file = QJsonDocument(everything().toJson()).toJson();
        file.replace("ADD PRIMARY KEY", "DROP CONSTRAINT");
        const auto read = Plan::parse(file);
        QVERIFY(!read);
        QVERIFY2(read.error().message.contains(QLatin1String("changed by hand")), qPrintable(read.error().message));
    }

    void whatIsNoPlanSaysWhere_data()
    {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<QString>("says");
        QTest::newRow("broken") << QByteArray("{\"version\": 1,") << QStringLiteral("byte 14");
        QTest::newRow("empty") << QByteArray() << QStringLiteral("not a plan");
        QTest::newRow("array") << QByteArray("[]") << QStringLiteral("not a plan");
        QTest::newRow("later") << QByteArray("{\"version\": 99}") << QStringLiteral("version 1");
        QTest::newRow("nameless") << QByteArray(R"({"version": 1, "steps": [{}]})") << QStringLiteral("without a name");
        QTest::newRow("unknown word") << QByteArray(R"({"version": 1, "steps": [{"name": "a", "risk": "wild"}]})")
                                      << QStringLiteral("step a: “wild” is no value of a step's risk");
    }
    void whatIsNoPlanSaysWhere()
    {
        QFETCH(QByteArray, file);
        QFETCH(QString, says);
        const auto read = Plan::parse(file);
        QVERIFY(!read);
        QVERIFY2(read.error().summary().contains(says), qPrintable(read.error().summary()));
    }

    void twoStepsOfOneNameAreRefused()
    {
        Plan plan = everything();
        plan.steps[1].name = plan.steps[0].name;
        QVERIFY(!Plan::fromJson(plan.toJson()));
    }

    void thePreviewShowsTheSqlAsItWillRun()
    {
        const QString expected = QStringLiteral(
            "-- Give public.plays a key\n"
            "-- database we\"ird, 2 steps, fingerprint %1\n"
            "-- note: Writers wait for up to 50 ms.\n"
            "-- can be undone until “Make it the primary key”\n"
            "\n"
            "-- 1. Build the index  [build_index; risk low; outside a transaction]\n"
            "CREATE UNIQUE INDEX CONCURRENTLY k ON public.plays (id);\n"
            "\n"
            "-- 2. Make it the primary key  [add_key; risk medium; one transaction]\n"
            "--   waits for your word\n"
            "--   cannot be undone\n"
            "--   lock: ACCESS EXCLUSIVE on public.plays\n"
            "--   before: id has no NULL\n"
            "--     SELECT count(*) = 0 FROM public.plays WHERE id IS NULL\n"
            "ALTER TABLE public.plays ADD PRIMARY KEY USING INDEX k;\n"
            "--   after: it is there\n"
            "--     SELECT true\n"
            "\n"
            "-- undo, backwards from where it stands\n"
            "\n"
            "-- of “Build the index”\n"
            "DROP INDEX CONCURRENTLY public.k;\n");
        const Plan plan = everything();
        QCOMPARE(plan.preview(), expected.arg(plan.fingerprint().first(12)));
    }

    void aCheckIsShownWithEverySpaceItHas()
    {
        Plan plan = everything();
        plan.steps[1].checks = {
            {QStringLiteral("SELECT note = 'two  spaces'\nFROM public.plays"), QStringLiteral("x")}};
        QVERIFY(plan.preview().contains(
            QStringLiteral("--   before: x\n--     SELECT note = 'two  spaces'\n--     FROM public.plays\n")));
    }

    void settingsComeBackAndUnknownOnesAreNamed()
    {
        RunSettings settings;
        settings.workers = 5;
        settings.patience.terminateBlockersAfter = Millis(30'000);
        settings.limits.walBytesPerSecond = 10'000'000;
        const auto read = RunSettings::fromJson(settings.toJson(), RunSettings());
        QVERIFY(read);
        QCOMPARE(read->toJson(), settings.toJson());

        const auto unknown = RunSettings::fromJson({{QStringLiteral("worker"), 3}}, settings);
        QVERIFY(!unknown);
        QCOMPARE(unknown.error().message, QStringLiteral("a run has no setting “worker”"));
        QVERIFY(unknown.error().hint.contains(QLatin1String("workers")));
        QVERIFY(!RunSettings::fromJson({{QStringLiteral("workers"), 0}}, settings));
        QVERIFY(!RunSettings::fromJson({{QStringLiteral("chunk_time_ms"), QStringLiteral("fast")}}, settings));
    }

    void anyReasonHoldsBackAndSaysWhy()
    {
        GovernorLimits limits;
        limits.replicaLag = Millis(5'000);
        limits.walBytesPerSecond = 1 << 20;
        limits.lockWaiters = 2;
        GovernorReading before;
        before.at = std::chrono::steady_clock::now();
        before.walPosition = 0;
        GovernorReading now = before;
        now.at += std::chrono::seconds(2);
        now.walPosition = 1 << 20;
        now.lockWaiters = 2;
        now.replicaLag = Millis(5'000);
        QCOMPARE(reasonsToHoldBack(limits, before, now), QStringList());
        now.walPosition = 4 << 20;
        now.lockWaiters = 3;
        now.replicaLag = Millis(61'000);
        QCOMPARE(reasonsToHoldBack(limits, before, now),
                 QStringList({QStringLiteral("a replica is 1 min 01 s behind (limit 5.0 s)"),
                              QStringLiteral("the server writes 2.0\u00a0MB of WAL a second (limit 1.0\u00a0MB)"),
                              QStringLiteral("3 sessions wait for locks (limit 2)")}));
        now.replicaLag.reset(); // not seen by this role
        QCOMPARE(reasonsToHoldBack(limits, before, now).size(), 2);
    }
};

QTEST_GUILESS_MAIN(TstPlan)
#include "tst_plan.moc"
