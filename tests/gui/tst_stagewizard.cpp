// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui/wizardwindow.h"
#include "tests/support/stallwatch.h"
#include "tests/support/testserver.h"
#include "ui/pages/runpanel.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/runstatus.h"
#include "ui/widgets/sqlview.h"
#include "ui/wizards/resultstep.h"
#include "ui/wizards/stagewizard.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QRadioButton>
#include <QTemporaryDir>
#include <QTest>

using namespace tidemark;
using namespace tidemark::ui;
using namespace std::chrono_literals;

namespace {

enum Place { AtTarget, AtShape, AtPreflight, AtReview, AtRun, AtResult };

using Window = test::WizardWindow<StageWizard>;

} // namespace

class StageWizardTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        applyTheme(*qApp, ThemeChoice::Light);
    }
    void init()
    {
        m_database = std::make_unique<test::TestDatabase>();
        m_database->exec(
            "CREATE TABLE plays (id bigint PRIMARY KEY, at timestamptz NOT NULL, note text, n int NOT NULL);"
            "CREATE INDEX plays_note ON plays (note);"
            "INSERT INTO plays SELECT g, timestamptz '2026-01-01Z' + g * interval '1 hour', md5(g::text), 0 "
            "FROM generate_series(1, 4000) AS g;"
            "CREATE TABLE shows (id int PRIMARY KEY, title text); INSERT INTO shows VALUES (1, 'a');"
            "ANALYZE");
    }
    void cleanup() { m_database.reset(); }

    void aTableIsPartitionedByKeyboardFromTargetToResultAndSwappedBack()
    {
        Window wizard(*m_database, Environment::Production, Safety::Confirm);
        test::StallWatch stalls;
        QTRY_VERIFY_WITH_TIMEOUT(wizard.page->isFilled() && wizard.canGoOn(), 15'000);
        auto *tables = qobject_cast<DataTable *>(wizard.page->mainWidget());
        QVERIFY(tables);
        QCOMPARE(tables->model()->rowCount(), 2);
        QCOMPARE(tables->model()->index(0, 0).data().toString(), QStringLiteral("public.plays")); // the largest first
        wizard.picture("stage-1-target");
        tables->setFocus();
        QTest::keyClick(tables, Qt::Key_Home);
        QTest::keyClick(tables, Qt::Key_Return);
        QCOMPARE(wizard.page->currentStep(), int(AtShape));

        auto *column = wizard.find<QComboBox>(QStringLiteral("column"));
        QCOMPARE(column->currentData().toString(), QStringLiteral("at"));
        auto *width = wizard.find<QComboBox>(QStringLiteral("width"));
        width->setFocus();
        QTest::keyClick(width, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(width, QStringLiteral("fortnight"));
        QVERIFY(!wizard.canGoOn());
        QVERIFY(wizard.find<QLabel>(QStringLiteral("problem"))->text().contains(QStringLiteral("fortnight")));
        QTest::keyClick(width, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(width, QStringLiteral("2 months"));
        QVERIFY(wizard.canGoOn());
        wizard.picture("stage-2-shape");
        wizard.next();
        QCOMPARE(wizard.page->currentStep(), int(AtPreflight));
        QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 15'000);
        wizard.picture("stage-3-preflight");
        wizard.next();

        QCOMPARE(wizard.page->currentStep(), int(AtReview));
        auto *steps = qobject_cast<DataTable *>(wizard.page->mainWidget());
        const Plan &plan = *wizard.page->draft().preview->planned.plan;
        QCOMPARE(steps->model()->rowCount(), int(plan.steps.size()));
        QVERIFY(wizard.find<SqlView>({})->sql().contains(QStringLiteral("PARTITION BY RANGE")));
        const QTemporaryDir folder;
        wizard.dialogs.path = folder.filePath(QStringLiteral("plan.json"));
        wizard.press(wizard.button(QStringLiteral("Save plan")));
        QFile saved(wizard.dialogs.path);
        QVERIFY(saved.open(QIODevice::ReadOnly));
        const auto parsed = Plan::parse(saved.readAll());
        QVERIFY_RESULT(parsed);
        QCOMPARE(parsed->fingerprint(), plan.fingerprint());
        wizard.press(wizard.button(QStringLiteral("Copy plan")));
        QCOMPARE(QGuiApplication::clipboard()->text(), plan.preview());
        wizard.picture("stage-4-review");
        QCOMPARE(m_database->value("SELECT to_regnamespace('tidemark') IS NULL"), QStringLiteral("t"));

        wizard.dialogs.answer = true;
        wizard.next();
        QCOMPARE(wizard.dialogs.lastRequest.typedName, m_database->name());
        QCOMPARE(wizard.dialogs.lastRequest.statement, plan.preview());
        QTRY_COMPARE_WITH_TIMEOUT(wizard.page->currentStep(), int(AtRun), 15'000);
        auto *panel = wizard.find<RunPanel>({});
        QTRY_VERIFY_WITH_TIMEOUT(panel->status()->text().contains(QStringLiteral("Your word")), 60'000);
        QVERIFY(!wizard.canGoOn()); // nothing to tell before it has swapped
        wizard.picture("stage-5-run");
        wizard.press(wizard.button(QStringLiteral("Swap public.plays")));
        QCOMPARE(wizard.dialogs.lastRequest.typedName, m_database->name());
        QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 60'000);
        QCOMPARE(relationKind(), QStringLiteral("p"));
        QTRY_VERIFY_WITH_TIMEOUT(wizard.button(QStringLiteral("Let the old table go")), 30'000);
        wizard.next();

        QCOMPARE(wizard.page->currentStep(), int(AtResult));
        auto *result = wizard.find<ResultStep>({});
        QTRY_VERIFY_WITH_TIMEOUT(result->text().contains(QStringLiteral("Rows proven equal: 4,000")), 15'000);
        QVERIFY2(result->text().contains(QStringLiteral("Rows copied: 4,000")), qPrintable(result->text()));
        QVERIFY2(result->text().contains(QStringLiteral("Nobody waited longer than: ")), qPrintable(result->text()));
        QVERIFY2(result->text().contains(QStringLiteral("all compared")), qPrintable(result->text()));
        wizard.picture("stage-6-result");
        QTRY_VERIFY_WITH_TIMEOUT(wizard.button(QStringLiteral("Swap back")), 5'000);
        wizard.press(wizard.button(QStringLiteral("Swap back")));
        QTRY_VERIFY_WITH_TIMEOUT(result->text().contains(QStringLiteral("Taken back")), 60'000);
        QCOMPARE(relationKind(), QStringLiteral("r"));
        QCOMPARE(m_database->value("SELECT count(*) FROM plays"), QStringLiteral("4000"));
        if (!test::takesPictures()) // which hold the thread up
            QVERIFY2(stalls.longest() < 400ms, qPrintable(QString::number(stalls.longest().count())));
    }

    void aLossIsAcceptedByNameAndAnotherStrategyIsPlannedAnew()
    {
        m_database->exec("CREATE TABLE ratings (play bigint CONSTRAINT rated REFERENCES plays, stars int)");
        Window wizard(*m_database, Environment::Development, Safety::Free);
        wizard.reach(AtPreflight);
        auto *checks = qobject_cast<DataTable *>(wizard.page->mainWidget());
        QTRY_COMPARE_WITH_TIMEOUT(checks->model()->index(0, 0).data().toString(), QStringLiteral("Would be lost"),
                                  15'000);
        QVERIFY(!wizard.canGoOn());
        QVERIFY(checks->model()->index(0, 1).data().toString().contains(QStringLiteral("rated")));
        wizard.picture("stage-3-preflight-loss");
        wizard.press(wizard.button(QStringLiteral("Accept this loss")));
        QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 15'000);
        QCOMPARE(checks->model()->index(0, 0).data().toString(), QStringLiteral("Accepted"));
        const size_t steps = wizard.page->draft().preview->planned.plan->steps.size();
        auto *mirror = wizard.find<QRadioButton>(QStringLiteral("strategy-native-copy-mirror"));
        QVERIFY(mirror);
        wizard.press(mirror);
        QVERIFY(!wizard.canGoOn());
        QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 15'000);
        QCOMPARE(wizard.page->draft().preview->planned.plan->steps.size(), steps + 1);
    }

    void whatCannotBeDoneSaysWhyAndNoPlanIsMade()
    {
        m_database->exec("DROP TABLE plays, shows; CREATE TABLE keyless (at timestamptz NOT NULL)");
        Window wizard(*m_database, Environment::Development, Safety::Free);
        wizard.reach(AtPreflight);
        auto *checks = qobject_cast<DataTable *>(wizard.page->mainWidget());
        QTRY_COMPARE_WITH_TIMEOUT(checks->model()->index(0, 0).data().toString(), QStringLiteral("Refused"), 15'000);
        QVERIFY2(checks->model()->index(0, 2).data().toString().contains(QStringLiteral("key")),
                 qPrintable(checks->model()->index(0, 2).data().toString()));
        QVERIFY(!wizard.canGoOn());
    }

    void whoHoldsTheTableNowIsNamedBeforehand()
    {
        auto holder = m_database->open();
        QVERIFY_RESULT(holder.execScript("BEGIN; INSERT INTO public.plays VALUES (5000, now(), '', 0)"));
        Window wizard(*m_database, Environment::Development, Safety::Free);
        wizard.reach(AtPreflight);
        QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 15'000);
        auto *checks = qobject_cast<DataTable *>(wizard.page->mainWidget());
        QStringList whys;
        for (int row = 0; row < checks->model()->rowCount(); ++row)
            whys << checks->model()->index(row, 2).data().toString();
        QVERIFY2(whys.join(QLatin1Char('\n')).contains(QStringLiteral("pid %1").arg(holder.backendPid())),
                 qPrintable(whys.join(QLatin1Char('\n'))));
    }

    void aReadOnlyProfilePlansAndDoesNotRun()
    {
        Window wizard(*m_database, Environment::Production, Safety::ReadOnly);
        wizard.reach(AtReview);
        wizard.dialogs.answer = true;
        wizard.next();
        QCOMPARE(wizard.dialogs.asked.size(), 0);
        QVERIFY2(wizard.message().contains(QStringLiteral("read-only")), qPrintable(wizard.message()));
        QCOMPARE(m_database->value("SELECT to_regnamespace('tidemark') IS NULL"), QStringLiteral("t"));
    }

    void aDraftSurvivesTheWindow()
    {
        QString layout;
        {
            Window wizard(*m_database, Environment::Development, Safety::Free);
            wizard.reach(AtShape);
            auto *width = wizard.find<QComboBox>(QStringLiteral("width"));
            width->setFocus();
            QTest::keyClick(width, Qt::Key_A, Qt::ControlModifier);
            QTest::keyClicks(width, QStringLiteral("1 week"));
            layout = wizard.page->saveLayout();
        }
        Window wizard(*m_database, Environment::Development, Safety::Free);
        wizard.page->restoreLayout(layout);
        wizard.reach(AtShape);
        QCOMPARE(wizard.find<QComboBox>(QStringLiteral("width"))->currentText(), QStringLiteral("1 week"));
    }

private:
    [[nodiscard]] QString relationKind()
    {
        return m_database->value("SELECT relkind FROM pg_class WHERE oid = 'plays'::regclass");
    }

    std::unique_ptr<test::TestDatabase> m_database;
};

QTEST_MAIN(StageWizardTest)
#include "tst_stagewizard.moc"
