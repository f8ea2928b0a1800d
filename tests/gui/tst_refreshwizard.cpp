// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui/wizardwindow.h"
#include "tests/support/actor.h"
#include "tests/support/stallwatch.h"
#include "ui/models/refreshitemmodel.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/sqlview.h"
#include "ui/wizards/refreshrunstep.h"
#include "ui/wizards/refreshwizard.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QRadioButton>

using namespace tidemark;
using namespace tidemark::ui;

namespace {

enum Place { AtTarget, AtOptions, AtChecks, AtReview, AtRun, AtResult };

using Window = test::WizardWindow<RefreshWizard>;

QStringList column(const QAbstractItemView *table, const QByteArray &id)
{
    QStringList texts;
    const QAbstractItemModel *model = table->model();
    for (int at = 0; at < model->columnCount(); ++at) {
        if (model->headerData(at, Qt::Horizontal, ColumnIdRole).toByteArray() != id)
            continue;
        for (int row = 0; row < model->rowCount(); ++row)
            texts << model->index(row, at).data().toString();
    }
    return texts;
}

} // namespace

/// Views are brought up to date, by a person at the keyboard, on a real server.
class RefreshWizardTest : public QObject
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
            "CREATE TABLE sales (id int PRIMARY KEY, amount int NOT NULL);"
            "INSERT INTO sales SELECT g, g % 9 FROM generate_series(1, 500) AS g;"
            "CREATE TABLE pace (seconds float8); INSERT INTO pace VALUES (0);"
            "CREATE MATERIALIZED VIEW daily AS SELECT id, amount FROM sales; CREATE UNIQUE INDEX ON daily (id);"
            "CREATE MATERIALIZED VIEW monthly AS SELECT count(*) AS n, (SELECT pg_sleep(seconds)::text FROM pace) AS s "
            "FROM daily;"
            "CREATE MATERIALIZED VIEW yearly AS SELECT n FROM monthly;"
            "CREATE MATERIALIZED VIEW aside AS SELECT max(amount) FROM sales;"
            "INSERT INTO sales VALUES (1000, 1)");
    }
    void cleanup() { m_database.reset(); }

    void aViewAndWhatDependsOnItIsRefreshedByKeyboardFromTargetToResult();
    void whoIsInTheWayIsToldBeforeItRunsAndAFailureStopsOnlyItsReaders();
    void whatRunsIsCancelled();
    void aReadOnlyProfileLooksAndDoesNotRefresh();
    void theFreshnessPageLeadsHere();

private:
    [[nodiscard]] QString value(const char *sql) { return m_database->value(sql); }
    [[nodiscard]] ObjectRef object(const char *name)
    {
        return {ObjectKind::Refreshable,
                QStringLiteral("prod-eu"),
                m_database->name(),
                value(qPrintable(QStringLiteral("SELECT '%1'::regclass::oid").arg(QLatin1String(name)))).toUInt(),
                {QStringLiteral("public"), QString::fromUtf8(name)},
                0};
    }

    std::unique_ptr<test::TestDatabase> m_database;
};

void RefreshWizardTest::aViewAndWhatDependsOnItIsRefreshedByKeyboardFromTargetToResult()
{
    Window wizard(*m_database, Environment::Production, Safety::Confirm);
    QTRY_VERIFY_WITH_TIMEOUT(wizard.page->isFilled() && wizard.canGoOn(), 15'000);
    test::StallWatch stalls;
    auto *views = qobject_cast<DataTable *>(wizard.page->mainWidget());
    QVERIFY(views);
    QCOMPARE(views->model()->rowCount(), 4);
    views->setFocus();
    QTest::keyClick(views, Qt::Key_Home, Qt::ControlModifier);
    while (views->currentIndex().siblingAtColumn(1).data().toString() != QLatin1String("public.daily")) {
        const int before = views->currentIndex().row();
        QTest::keyClick(views, Qt::Key_Down);
        QVERIFY2(views->currentIndex().row() > before, qPrintable(column(views, "name").join(QLatin1Char(' '))));
    }
    wizard.picture("refresh-1-target");
    QTest::keyClick(views, Qt::Key_Return);
    QCOMPARE(wizard.page->currentStep(), int(AtOptions));
    wizard.press(wizard.find<QCheckBox>(QStringLiteral("cascade")));
    wizard.picture("refresh-2-options");
    wizard.next();

    QCOMPARE(wizard.page->currentStep(), int(AtChecks));
    QVERIFY(!wizard.canGoOn());
    auto *checks = qobject_cast<DataTable *>(wizard.page->mainWidget());
    QTRY_COMPARE_WITH_TIMEOUT(column(checks, "verdict").filter(QStringLiteral("To accept")).size(), 2, 15'000);
    QVERIFY(!wizard.canGoOn());
    wizard.picture("refresh-3-checks");
    wizard.press(wizard.find<QCheckBox>(QStringLiteral("accept")));
    QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 15'000);
    QCOMPARE(column(checks, "verdict"), (QStringList{QStringLiteral("Accepted"), QStringLiteral("Accepted")}));
    wizard.next();

    QCOMPARE(wizard.page->currentStep(), int(AtReview));
    auto *items = qobject_cast<DataTable *>(wizard.page->mainWidget());
    QCOMPARE(column(items, "name"), (QStringList{QStringLiteral("public.daily"), QStringLiteral("public.monthly"),
                                                 QStringLiteral("public.yearly")}));
    QCOMPARE(column(items, "after"), (QStringList{QString(), QStringLiteral("1"), QStringLiteral("2")}));
    QVERIFY(wizard.find<SqlView>({})->sql().contains(
        QStringLiteral("REFRESH MATERIALIZED VIEW CONCURRENTLY \"public\".\"daily\";")));
    wizard.picture("refresh-4-review");
    QCOMPARE(value("SELECT count(*) FROM daily"), QStringLiteral("500"));

    wizard.dialogs.answer = false;
    wizard.next();
    QCOMPARE(wizard.page->currentStep(), int(AtReview));
    wizard.dialogs.answer = true;
    wizard.next();
    QCOMPARE(wizard.dialogs.lastRequest.typedName, m_database->name());
    QVERIFY(
        wizard.dialogs.lastRequest.text.contains(QStringLiteral("Whoever reads public.monthly, public.yearly waits")));
    QCOMPARE(wizard.page->currentStep(), int(AtRun));
    QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 15'000);
    auto *run = qobject_cast<DataTable *>(wizard.page->mainWidget());
    QCOMPARE(column(run, "state").filter(QStringLiteral("Refreshed")).size(), 3);
    QCOMPARE(column(run, "rows").first(), QStringLiteral("1 in, 0 out"));
    wizard.picture("refresh-5-run");
    wizard.next();
    QCOMPARE(wizard.page->currentStep(), int(AtResult));
    QCOMPARE(wizard.find<RefreshRunStep>({})->sentence(), QStringLiteral("3 refreshed"));
    wizard.press(wizard.button(QStringLiteral("Copy result")));
    QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("public.yearly")));
    wizard.picture("refresh-6-result");
    QCOMPARE(value("SELECT n FROM yearly"), QStringLiteral("501"));
    QVERIFY2(test::takesPictures() || stalls.longest() < std::chrono::milliseconds(150),
             qPrintable(QString::number(stalls.longest().count())));
    wizard.press(wizard.button(QStringLiteral("New refresh")));
    QCOMPARE(wizard.page->currentStep(), int(AtTarget));
}

void RefreshWizardTest::whoIsInTheWayIsToldBeforeItRunsAndAFailureStopsOnlyItsReaders()
{
    m_database->exec("CREATE MATERIALIZED VIEW broken AS SELECT 1 / (n - n) AS q FROM yearly WITH NO DATA;"
                     "CREATE MATERIALIZED VIEW behind AS SELECT q FROM broken WITH NO DATA");
    test::Actor blocker(m_database->open());
    blocker.run("BEGIN; SELECT count(*) FROM public.monthly");
    QTest::qWait(300);
    Window wizard(*m_database, Environment::Development, Safety::Free);
    QTRY_VERIFY_WITH_TIMEOUT(wizard.page->isFilled() && wizard.canGoOn(), 15'000);
    wizard.page->refreshObject(object("monthly"), true);
    QCOMPARE(wizard.page->currentStep(), int(AtOptions));
    QVERIFY(wizard.find<QCheckBox>(QStringLiteral("cascade"))->isChecked());
    wizard.press(wizard.find<QRadioButton>(QStringLiteral("plain")));
    wizard.next();
    auto *checks = qobject_cast<DataTable *>(wizard.page->mainWidget());
    QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 15'000);
    const QString why = column(checks, "why").join(QLatin1Char('\n'));
    QVERIFY2(why.contains(QStringLiteral("pid %1 ").arg(blocker.pid())), qPrintable(why));
    QVERIFY2(why.contains(QStringLiteral("everybody who reads or writes it waits at most 50 ms")), qPrintable(why));
    wizard.picture("refresh-3-checks-blocked");
    wizard.reach(AtReview);
    wizard.next();
    QCOMPARE(wizard.page->currentStep(), int(AtRun));
    auto *run = qobject_cast<DataTable *>(wizard.page->mainWidget());
    QTRY_VERIFY_WITH_TIMEOUT(
        column(run, "text").first().contains(QStringLiteral("waits for pid %1 ").arg(blocker.pid())), 15'000);
    QVERIFY(!wizard.canGoOn());
    wizard.picture("refresh-5-run-blocked");
    blocker.run("COMMIT");
    QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 15'000);
    QCOMPARE(column(run, "state").join(QLatin1Char(' ')), QStringLiteral("Refreshed Refreshed Failed Skipped"));
    wizard.next();
    QCOMPARE(wizard.find<RefreshRunStep>({})->sentence(), QStringLiteral("2 refreshed, 1 failed, 1 skipped"));
    wizard.picture("refresh-6-result-failed");
}

void RefreshWizardTest::whatRunsIsCancelled()
{
    m_database->exec("UPDATE pace SET seconds = 60");
    Window wizard(*m_database, Environment::Development, Safety::Free);
    QTRY_VERIFY_WITH_TIMEOUT(wizard.page->isFilled() && wizard.canGoOn(), 15'000);
    wizard.page->refreshObject(object("monthly"), true);
    wizard.press(wizard.find<QRadioButton>(QStringLiteral("plain")));
    wizard.reach(AtReview);
    wizard.next();
    auto *run = qobject_cast<DataTable *>(wizard.page->mainWidget());
    QTRY_COMPARE_WITH_TIMEOUT(column(run, "state").first(), QStringLiteral("Running"), 15'000);
    wizard.picture("refresh-5-running");
    // Another is not begun meanwhile, and what runs is what is shown.
    wizard.page->refreshObject(object("aside"), false);
    QCOMPARE(wizard.page->currentStep(), int(AtRun));
    QVERIFY(!wizard.button(QStringLiteral("New refresh"))->isEnabled());
    wizard.press(wizard.find<QPushButton>(QStringLiteral("cancel")));
    QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 15'000);
    QCOMPARE(column(run, "state").join(QLatin1Char(' ')), QStringLiteral("Stopped Skipped"));
    QCOMPARE(value("SELECT n FROM monthly"), QStringLiteral("500"));
}

void RefreshWizardTest::aReadOnlyProfileLooksAndDoesNotRefresh()
{
    Window wizard(*m_database, Environment::Development, Safety::ReadOnly);
    QTRY_VERIFY_WITH_TIMEOUT(wizard.page->isFilled() && wizard.canGoOn(), 15'000);
    wizard.page->refreshObject(object("daily"), false);
    wizard.reach(AtReview);
    wizard.next();
    QCOMPARE(wizard.page->currentStep(), int(AtReview));
    QVERIFY2(wizard.message().contains(QStringLiteral("read-only")), qPrintable(wizard.message()));
    QCOMPARE(value("SELECT count(*) FROM daily"), QStringLiteral("500"));
}

void RefreshWizardTest::theFreshnessPageLeadsHere()
{
    Window wizard(*m_database, Environment::Development, Safety::Free);
    // Before anything is known of it the wanted view is remembered.
    wizard.page->refreshObject(object("daily"), true);
    const std::vector<pg::QualifiedName> wanted{{QStringLiteral("public"), QStringLiteral("daily")}};
    QCOMPARE(wizard.page->draft().spec.names, wanted);
    QTRY_VERIFY_WITH_TIMEOUT(wizard.page->isFilled(), 15'000);
    QCOMPARE(wizard.page->draft().spec.names, wanted);
    QVERIFY(wizard.page->draft().spec.cascade);
    wizard.reach(AtChecks);
    QTRY_COMPARE_WITH_TIMEOUT(qobject_cast<DataTable *>(wizard.page->mainWidget())->model()->rowCount(), 2, 15'000);
    wizard.press(wizard.find<QPushButton>(QStringLiteral("back")));
    wizard.press(wizard.find<QPushButton>(QStringLiteral("back")));
    QCOMPARE(wizard.page->currentStep(), int(AtTarget));
    QCOMPARE(wizard.page->draft().spec.names, wanted);
}

QTEST_MAIN(RefreshWizardTest)
#include "tst_refreshwizard.moc"
