// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/standardcollectors.h"
#include "core/store/historystore.h"
#include "tests/gui/handmadefeed.h"
#include "tests/gui/pictures.h"
#include "tests/support/actor.h"
#include "tests/support/stallwatch.h"
#include "tests/support/testserver.h"
#include "ui/dialogs/retunedialog.h"
#include "ui/pages/runpanel.h"
#include "ui/pages/runspage.h"
#include "ui/services/asyncrunner.h"
#include "ui/services/monitorbridge.h"
#include "ui/services/rundrivers.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/runstatus.h"

#include <QApplication>
#include <QFile>
#include <QJsonDocument>
#include <QProcess>
#include <QPushButton>
#include <QSpinBox>
#include <QSplitter>
#include <QTemporaryDir>
#include <QTest>

using namespace tidemark;
using namespace tidemark::ui;
using namespace std::chrono_literals;

namespace {

/// The page beside its details on a real server, watched by the real monitor. Each stands for a process of its own.
struct Window
{
    SystemClock clock;
    std::shared_ptr<HistoryStore> history = std::make_shared<HistoryStore>(LocalStore::inMemory().value());
    AsyncRunner runner;
    test::AnsweringDialogs dialogs;
    RunDrivers drivers{history, clock};
    MonitorBridge bridge{clock, standardCollectors(history), {}};
    Profile profile;
    QSplitter window;
    RunsPage *page = nullptr;

    Window(const test::TestDatabase &database, Environment environment, Safety safety)
    {
        profile.name = QStringLiteral("prod-eu");
        profile.connInfo = database.conn();
        profile.databases = {database.name()};
        profile.environment = environment;
        profile.safety = safety;
        profile.interval = 500ms;
        PageContext context;
        context.clock = &clock;
        context.dialogs = &dialogs;
        context.runner = &runner;
        context.history = history;
        context.drivers = &drivers;
        context.accessTo = [this](const QString &) { return ServerAccess{profile, {}}; };
        page = new RunsPage(context);
        window.addWidget(page);
        window.addWidget(page->detailWidget());
        window.resize(1280, 800);
        window.setSizes({930, 350});
        window.show();
        window.activateWindow();
        QObject::connect(&bridge, &MonitorFeed::serverUpdated, page,
                         [this]() { page->setSnapshots(bridge.snapshots()); });
        bridge.watch(profile, {});
        dialogs.answer = true;
    }
    [[nodiscard]] QPushButton *button(const QString &begin) const
    {
        for (QPushButton *button : page->findChildren<QPushButton *>()) {
            if (button->isVisible() && button->text().remove(QLatin1Char('&')).startsWith(begin))
                return button;
        }
        return nullptr;
    }
    void press(const QString &begin) const
    {
        QPushButton *found = button(begin);
        QVERIFY2(found, qPrintable(begin));
        found->setFocus();
        QTest::keyClick(found, Qt::Key_Space);
    }
    [[nodiscard]] DataTable *runs() const { return qobject_cast<DataTable *>(page->mainWidget()); }
    [[nodiscard]] QString state() const { return runs()->model()->index(0, 0).data().toString(); }
    [[nodiscard]] QString status() const { return page->panel()->status()->text(); }
};

} // namespace

/// Runs as a person sees and steers them, whoever drives them.
class RunsPageTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        applyTheme(*qApp, ThemeChoice::Light);
    }
    void init() { m_database = std::make_unique<test::TestDatabase>(); }
    void cleanup() { m_database.reset(); }

    void withoutARunItSaysWhatOneIs()
    {
        Window window(*m_database, Environment::Development, Safety::Free);
        QTRY_COMPARE_WITH_TIMEOUT(window.page->state(), Page::State::Empty, 10'000);
        QCOMPARE(window.page->findChild<EmptyState *>()->title(), QStringLiteral("No run yet"));
        QString asked;
        QObject::connect(window.page, &Page::otherPageRequested, window.page, [&](const QString &id) { asked = id; });
        window.press(QStringLiteral("Plan a staged migration"));
        QCOMPARE(asked, QStringLiteral("stage"));
        window.press(QStringLiteral("Fill a column"));
        QCOMPARE(asked, QStringLiteral("backfill"));
    }

    void aMigrationKilledInAnotherProcessIsResumedHereAndSwapped()
    {
        m_database->exec(
            "CREATE TABLE plays (id bigint PRIMARY KEY, at timestamptz NOT NULL, note text, n int NOT NULL);"
            "INSERT INTO plays SELECT g, timestamptz '2026-01-01Z' + g * interval '1 minute', repeat(md5(g::text), 20), 0 "
            "FROM generate_series(1, 30000) AS g; ANALYZE plays");
        const QString plan = m_folder.filePath(QStringLiteral("plan.json"));
        QCOMPARE(ctl({QStringLiteral("plan"), QStringLiteral("stage"), QStringLiteral("plays"), QStringLiteral("--by"),
                      QStringLiteral("at"), QStringLiteral("-o"), plan}),
                 0);
        QProcess process;
        start(process, {QStringLiteral("run"), plan, QStringLiteral("--yes"), QStringLiteral("--set"),
                        QStringLiteral("workers=1"), QStringLiteral("--set"), QStringLiteral("chunk_pages=4"),
                        QStringLiteral("--set"), QStringLiteral("chunk_time_ms=10"), QStringLiteral("--set"),
                        QStringLiteral("stall_budget_ms=3000")});
        QTRY_VERIFY_WITH_TIMEOUT(copiedChunks() >= 3, 30'000);
        process.kill();
        process.waitForFinished();
        const int before = copiedChunks();
        QVERIFY2(m_database->value("SELECT state FROM tidemark.run_step WHERE name = 'copy'")
                     == QLatin1String("running"),
                 "killed too late");

        Window window(*m_database, Environment::Production, Safety::Confirm);
        QTRY_COMPARE_WITH_TIMEOUT(window.runs()->model()->rowCount(), 1, 10'000);
        QTRY_COMPARE_WITH_TIMEOUT(window.state(), QStringLiteral("Not driven"), 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(window.status().contains(QStringLiteral("No driver")), 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(window.button(QStringLiteral("Resume")), 5'000);
        test::savePictures(window.window, QStringLiteral("runs-killed"));
        window.press(QStringLiteral("Resume"));
        QCOMPARE(window.dialogs.lastRequest.typedName, m_database->name());
        QTRY_VERIFY_WITH_TIMEOUT(window.status().contains(QStringLiteral("Your word")), 60'000);
        QVERIFY(copiedChunks() > before);
        QTRY_VERIFY_WITH_TIMEOUT(window.status().contains(QStringLiteral("changed key")), 10'000);
        test::savePictures(window.window, QStringLiteral("runs-waits"));
        window.press(QStringLiteral("Swap public.plays"));
        QTRY_VERIFY_WITH_TIMEOUT(window.button(QStringLiteral("Let the old table go")), 60'000);
        QCOMPARE(m_database->value("SELECT relkind FROM pg_class WHERE oid = 'plays'::regclass"), QStringLiteral("p"));
        QCOMPARE(m_database->value("SELECT count(*), count(DISTINCT id) FROM plays"), QStringLiteral("30000"));
        QTRY_VERIFY_WITH_TIMEOUT(window.button(QStringLiteral("Swap back")), 5'000);
        window.press(QStringLiteral("Let the old table go"));
        QTRY_COMPARE_WITH_TIMEOUT(window.state(), QStringLiteral("Succeeded"), 60'000);
        QTRY_VERIFY_WITH_TIMEOUT(!window.button(QStringLiteral("Swap back"))->isEnabled(), 10'000);
        test::savePictures(window.window, QStringLiteral("runs-done"));
        window.dialogs.path = m_folder.filePath(QStringLiteral("report.pdf"));
        window.press(QStringLiteral("Report"));
        QTRY_VERIFY_WITH_TIMEOUT(QFile(window.dialogs.path).size() > 1000, 15'000);
        QVERIFY(window.dialogs.lastProposedName.endsWith(QStringLiteral("-run-1.html")));
        QVERIFY(window.button(QStringLiteral("Fill a column"))); // where there are runs as well
    }

    void pausedResumedAndTakenBackFromHereEachStepIsDoneOnce()
    {
        m_database->exec("CREATE TABLE t (step int)");
        confirm(inserts(8, 400));
        Window window(*m_database, Environment::Development, Safety::Free);
        QTRY_COMPARE_WITH_TIMEOUT(window.state(), QStringLiteral("Confirmed"), 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(window.button(QStringLiteral("Resume")), 5'000);
        test::StallWatch stalls;
        window.press(QStringLiteral("Resume"));
        QTRY_VERIFY_WITH_TIMEOUT(window.button(QStringLiteral("Pause")) && content().size() > 1, 10'000);
        window.press(QStringLiteral("Pause"));
        QTRY_COMPARE_WITH_TIMEOUT(window.state(), QStringLiteral("Paused"), 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(window.drivers.places().isEmpty(), 5'000);
        QTRY_VERIFY_WITH_TIMEOUT(window.button(QStringLiteral("Resume")), 5'000);
        window.press(QStringLiteral("Resume"));
        QTRY_COMPARE_WITH_TIMEOUT(window.state(), QStringLiteral("Succeeded"), 15'000);
        QCOMPARE(content(), QStringLiteral("1,2,3,4,5,6,7,8"));
        QTRY_VERIFY_WITH_TIMEOUT(window.button(QStringLiteral("Undo")), 5'000);
        window.press(QStringLiteral("Undo")); // a free profile asks about what cannot be undone
        QCOMPARE(window.dialogs.asked.size(), 1);
        QTRY_COMPARE_WITH_TIMEOUT(window.state(), QStringLiteral("Undone"), 15'000);
        QCOMPARE(content(), QString());
        QVERIFY(window.history->audit(20)->size() >= 6U);
        QVERIFY2(stalls.longest() < 400ms, qPrintable(QString::number(stalls.longest().count())));
    }

    void aRunHeldBackSaysWhyAndIsRetunedByKeyboard()
    {
        m_database->exec("CREATE TABLE t (step int)");
        Plan plan = inserts(40, 30);
        plan.steps.resize(1);
        plan.steps[0].action = QStringLiteral("parallel"); // which comes to a boundary with each statement
        plan.steps[0].transaction = StepTransaction::Own;
        plan.steps[0].statements.clear();
        for (int i = 1; i <= 40; ++i)
            plan.steps[0].statements
                << QStringLiteral("INSERT INTO public.t VALUES (%1); SELECT pg_sleep(0.05)").arg(i);
        RunSettings settings;
        settings.workers = 1;
        settings.limits.activeSessions = 0;
        confirm(plan, settings);
        test::Actor busy(m_database->open());
        busy.start("SELECT pg_sleep(120)");
        Window window(*m_database, Environment::Development, Safety::Confirm);
        QTRY_VERIFY_WITH_TIMEOUT(window.button(QStringLiteral("Resume")), 10'000);
        window.press(QStringLiteral("Resume"));
        QTRY_VERIFY2_WITH_TIMEOUT(window.status().contains(QStringLiteral("sessions are active (limit 0)")),
                                  qPrintable(window.status()), 15'000);
        QTRY_COMPARE_WITH_TIMEOUT(window.state(), QStringLiteral("Held back"), 10'000);
        test::savePictures(window.window, QStringLiteral("runs-held"));
        window.press(QStringLiteral("Retune"));
        auto *dialog = window.page->findChild<RetuneDialog *>();
        QVERIFY(dialog);
        QVERIFY(QTest::qWaitForWindowActive(dialog));
        test::savePictures(*dialog, QStringLiteral("retune"));
        auto *limit = dialog->findChild<QSpinBox *>(QStringLiteral("max_active_sessions"));
        QCOMPARE(limit->value(), 0);
        limit->setFocus();
        QTest::keyClick(limit, Qt::Key_Down);
        QCOMPARE(limit->text(), QStringLiteral("not watched"));
        QTest::keyClick(dialog, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(window.state(), QStringLiteral("Succeeded"), 20'000);
        QCOMPARE(m_database->value("SELECT count(*) FROM t"), QStringLiteral("40"));
        QCOMPARE(m_database->value("SELECT settings -> 'max_active_sessions' FROM tidemark.run"),
                 QStringLiteral("null"));
        busy.cancel();
    }

    void whoIsInTheWayOfALockIsNamedAndCancellingEndsTheWait()
    {
        m_database->exec("CREATE TABLE t (step int)");
        Plan plan = inserts(1, 0);
        plan.steps[0].locks = {{{QStringLiteral("public"), QStringLiteral("t")}, LockMode::AccessExclusive}};
        confirm(plan);
        auto holder = m_database->open();
        QVERIFY_RESULT(holder.execScript("BEGIN; LOCK TABLE public.t IN ACCESS SHARE MODE"));
        Window window(*m_database, Environment::Production, Safety::Confirm);
        QTRY_VERIFY_WITH_TIMEOUT(window.button(QStringLiteral("Resume")), 10'000);
        window.press(QStringLiteral("Resume"));
        QTRY_VERIFY2_WITH_TIMEOUT(window.status().contains(QStringLiteral("pid %1").arg(holder.backendPid())),
                                  qPrintable(window.status()), 15'000);
        QTRY_VERIFY_WITH_TIMEOUT(window.button(QStringLiteral("Cancel")), 5'000);
        window.press(QStringLiteral("Cancel"));
        QVERIFY(window.dialogs.lastRequest.typedName.isEmpty()); // to stop must be quick, on production too
        QTRY_COMPARE_WITH_TIMEOUT(window.state(), QStringLiteral("Cancelled"), 10'000);
    }

    void aWordForAStepThatIsPassedDoesNotReachTheNext()
    {
        m_database->exec("CREATE TABLE t (step int)");
        Plan plan = inserts(1, 0);
        plan.steps[0].hold = true;
        confirm(plan);
        Window window(*m_database, Environment::Development, Safety::Free);
        QTRY_VERIFY_WITH_TIMEOUT(window.button(QStringLiteral("Resume")), 10'000);
        window.press(QStringLiteral("Resume"));
        QTRY_VERIFY_WITH_TIMEOUT(window.button(QStringLiteral("Insert 1")), 10'000);
        pg::Session session = m_database->open();
        const RunOrders orders(window.profile, window.history, window.clock);
        RunSubject subject{m_database->name(), 1, plan.title, QStringLiteral("Insert 0"), false};
        const Status refused = orders.request(session, RunOrder::Proceed, subject, {}, {true, {}});
        QVERIFY(!refused);
        QVERIFY2(refused.error().message.contains(QStringLiteral("Insert 1")), qPrintable(refused.error().message));
        QCOMPARE(m_database->value("SELECT count(*) FROM tidemark.run_request"), QStringLiteral("0"));
        window.press(QStringLiteral("Insert 1"));
        QTRY_COMPARE_WITH_TIMEOUT(window.state(), QStringLiteral("Succeeded"), 10'000);
    }

    void aReadOnlyProfileWatchesAndSaysWhyItCanDoNoMore()
    {
        m_database->exec("CREATE TABLE t (step int)");
        confirm(inserts(2, 0));
        Window window(*m_database, Environment::Production, Safety::ReadOnly);
        QTRY_VERIFY_WITH_TIMEOUT(window.button(QStringLiteral("Resume")), 10'000);
        QVERIFY(!window.button(QStringLiteral("Resume"))->isEnabled());
        QVERIFY(window.button(QStringLiteral("Resume"))->toolTip().contains(QStringLiteral("read-only")));
    }

    void closingTheWindowLetsGoOfTheRunAndLosesNothing()
    {
        m_database->exec("CREATE TABLE t (step int)");
        confirm(inserts(6, 500));
        {
            Window window(*m_database, Environment::Development, Safety::Free);
            QTRY_VERIFY_WITH_TIMEOUT(window.button(QStringLiteral("Resume")), 10'000);
            window.press(QStringLiteral("Resume"));
            QTRY_VERIFY_WITH_TIMEOUT(content().size() > 1, 10'000);
        }
        QCOMPARE(m_database->value("SELECT state FROM tidemark.run"), QStringLiteral("paused"));
        Window window(*m_database, Environment::Development, Safety::Free);
        QTRY_VERIFY_WITH_TIMEOUT(window.button(QStringLiteral("Resume")), 10'000);
        window.press(QStringLiteral("Resume"));
        QTRY_COMPARE_WITH_TIMEOUT(window.state(), QStringLiteral("Succeeded"), 15'000);
        QCOMPARE(content(), QStringLiteral("1,2,3,4,5,6"));
    }

private:
    /// A step a row; each takes that long.
    Plan inserts(int count, int millis)
    {
        Plan plan;
        plan.kind = QStringLiteral("sql");
        plan.title = QStringLiteral("Insert rows");
        pg::Session session = m_database->open();
        plan.target = PlanTarget::of(pg::Capabilities::probe(session).value());
        for (int number = 1; number <= count; ++number) {
            Step step;
            step.name = QStringLiteral("insert_%1").arg(number);
            step.title = QStringLiteral("Insert %1").arg(number);
            step.statements = {QStringLiteral("INSERT INTO public.t VALUES (%1)").arg(number),
                               QStringLiteral("SELECT pg_sleep(%1)").arg(millis / 1000.0)};
            step.undo = {QStringLiteral("DELETE FROM public.t WHERE step = %1").arg(number)};
            plan.steps.push_back(step);
        }
        return plan;
    }
    void confirm(const Plan &plan, const RunSettings &settings = {})
    {
        pg::Session session = m_database->open();
        QVERIFY_RESULT(createRun(session, plan, settings));
    }
    void start(QProcess &process, const QStringList &arguments) const
    {
        process.setStandardInputFile(QProcess::nullDevice());
        process.start(QStringLiteral(TIDEMARK_BIN_DIR "/tidemarkctl"),
                      QStringList{QStringLiteral("-d"), m_database->conn().withoutPassword()} + arguments);
    }
    [[nodiscard]] int ctl(const QStringList &arguments) const
    {
        QProcess process;
        start(process, arguments);
        process.waitForFinished(60'000);
        return process.exitCode();
    }
    [[nodiscard]] int copiedChunks()
    {
        if (m_database->value("SELECT to_regclass('tidemark.run_chunk') IS NOT NULL") != QLatin1String("t"))
            return 0;
        return m_database
            ->value("SELECT count(*) FROM tidemark.run_chunk AS k JOIN tidemark.run_step AS s "
                    "ON s.run = k.run AND s.ordinal = k.step WHERE s.name = 'copy' AND k.state = 'done'")
            .toInt();
    }
    [[nodiscard]] QString content()
    {
        return m_database->value("SELECT coalesce(string_agg(step::text, ',' ORDER BY step), '') FROM t");
    }

    QTemporaryDir m_folder;
    std::unique_ptr<test::TestDatabase> m_database;
};

QTEST_MAIN(RunsPageTest)
#include "tst_runspage.moc"
