// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/runjson.h"
#include "tests/gui/wizardwindow.h"
#include "tests/support/stallwatch.h"
#include "ui/pages/runpanel.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/runstatus.h"
#include "ui/widgets/sqlview.h"
#include "ui/wizards/backfillwizard.h"
#include "ui/wizards/rehearsalview.h"
#include "ui/wizards/resultstep.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QJsonDocument>
#include <QLineEdit>
#include <QRadioButton>
#include <QTemporaryDir>

using namespace tidemark;
using namespace tidemark::ui;
using namespace std::chrono_literals;

namespace {

enum Place { AtTarget, AtWhat, AtReview, AtRun, AtResult };

using Window = test::WizardWindow<BackfillWizard>;

/// Into whatever has the keyboard, in place of what stands there.
void type(const QString &text)
{
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(QApplication::focusWidget(), text);
}

/// The row of this column of the table becomes current, by keyboard.
void goTo(DataTable *columns, const QString &name)
{
    columns->setFocus();
    QTest::keyClick(columns, Qt::Key_Home, Qt::ControlModifier);
    for (int row = 0; row < columns->model()->rowCount(); ++row) {
        if (columns->currentIndex().siblingAtColumn(0).data().toString() == name)
            return;
        QTest::keyClick(columns, Qt::Key_Down);
    }
    QFAIL(qPrintable(name));
}

QStringList column(const DataTable *table, int column)
{
    QStringList texts;
    for (int row = 0; row < table->model()->rowCount(); ++row)
        texts << table->model()->index(row, column).data().toString();
    return texts;
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

/// A column is filled, by a person at the keyboard, on a real server.
class BackfillWizardTest : public QObject
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
            "CREATE TABLE plays (id bigint PRIMARY KEY, note text, price int NOT NULL, "
            "twice int GENERATED ALWAYS AS (price * 2) STORED);"
            "INSERT INTO plays SELECT g, repeat('x', g % 50), 100 + g % 7 FROM generate_series(1, 6000) AS g;"
            "CREATE TABLE days (day int PRIMARY KEY, plays bigint NOT NULL);"
            "ANALYZE");
    }
    void cleanup() { m_database.reset(); }

    void aColumnIsAddedAndFilledByKeyboardFromTargetToResultAndTakenBack();
    void aWrongExpressionShowsTheServersMessageWhereItWasWritten();
    void whatFailsForTheFirstRowsIsToldBeforeItRuns();
    void rowsAreAddedFromAnotherTableAndLetGo();
    void aPlanIsRehearsedAndTheOriginalDoesNotNotice();
    void aReadOnlyProfilePlansAndNeitherRehearsesNorRuns();
    void aDraftSurvivesTheWindow();

private:
    /// Adds a column and writes what it becomes.
    void fillLength(const Window &wizard, const QString &expression);
    [[nodiscard]] QString value(const char *sql) { return m_database->value(sql); }

    std::unique_ptr<test::TestDatabase> m_database;
};

void BackfillWizardTest::fillLength(const Window &wizard, const QString &expression)
{
    QCOMPARE(wizard.page->currentStep(), int(AtWhat));
    auto *columns = qobject_cast<DataTable *>(wizard.page->mainWidget());
    QTRY_VERIFY_WITH_TIMEOUT(columns->model()->rowCount() >= 4, 15'000);
    wizard.find<QLineEdit>(QStringLiteral("new-name"))->setFocus();
    type(QStringLiteral("length"));
    wizard.find<QComboBox>(QStringLiteral("new-type"))->setFocus();
    type(QStringLiteral("integer"));
    wizard.press(wizard.button(QStringLiteral("Add column")));
    type(expression); // adding a column leads there
}

void BackfillWizardTest::aColumnIsAddedAndFilledByKeyboardFromTargetToResultAndTakenBack()
{
    Window wizard(*m_database, Environment::Production, Safety::Confirm);
    test::StallWatch stalls;
    QTRY_VERIFY_WITH_TIMEOUT(wizard.page->isFilled() && wizard.canGoOn(), 15'000);
    auto *tables = qobject_cast<DataTable *>(wizard.page->mainWidget());
    QVERIFY(tables);
    QCOMPARE(tables->model()->index(0, 0).data().toString(), QStringLiteral("public.plays"));
    wizard.picture("backfill-1-target");
    tables->setFocus();
    QTest::keyClick(tables, Qt::Key_Home);
    QTest::keyClick(tables, Qt::Key_Return);
    QCOMPARE(wizard.page->currentStep(), int(AtWhat));

    auto *columns = qobject_cast<DataTable *>(wizard.page->mainWidget());
    QTRY_COMPARE_WITH_TIMEOUT(columns->model()->rowCount(), 4, 15'000);
    QCOMPARE(column(columns, 2).first(), QStringLiteral("cannot be filled: part of the key"));
    QCOMPARE(column(columns, 2).last(), QStringLiteral("cannot be filled: generated"));
    QVERIFY(!wizard.canGoOn());
    fillLength(wizard, QStringLiteral("length(note) + price"));
    QVERIFY(!wizard.canGoOn()); // before the server has had its word
    QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 15'000);
    wizard.press(wizard.find<QCheckBox>(QStringLiteral("not-null")));
    wizard.press(wizard.find<QCheckBox>(QStringLiteral("keep-up")));
    QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 15'000);
    DataTable *sample = nullptr;
    for (DataTable *table : wizard.page->findChildren<DataTable *>()) {
        if (table->isVisible() && table != columns)
            sample = table;
    }
    QVERIFY(sample);
    QCOMPARE(sample->model()->rowCount(), backfill::mostSampleRows);
    QCOMPARE(column(sample, 1).first(), QStringLiteral("length"));
    QCOMPARE(column(sample, 2).first(), QStringLiteral("NULL"));
    // One look at the server: the thread that asks is the one that is watched for stalls.
    QCOMPARE(column(sample, 3).join(QLatin1Char(',')),
             value(qPrintable(QStringLiteral("SELECT string_agg((length(note) + price)::text, ',' ORDER BY place) FROM "
                                             "unnest(ARRAY[%1]) WITH ORDINALITY AS s (id, place) JOIN plays USING (id)")
                                  .arg(column(sample, 0).join(QLatin1Char(','))))));
    wizard.picture("backfill-2-what");
    wizard.next();

    QCOMPARE(wizard.page->currentStep(), int(AtReview));
    auto *steps = qobject_cast<DataTable *>(wizard.page->mainWidget());
    const Plan &plan = *wizard.page->draft().plan();
    QCOMPARE(steps->model()->rowCount(), int(plan.steps.size()));
    QVERIFY(wizard.find<SqlView>({})->sql().contains(QStringLiteral("ADD COLUMN \"length\" integer")));
    const QTemporaryDir folder;
    wizard.dialogs.path = folder.filePath(QStringLiteral("plan.json"));
    wizard.press(wizard.button(QStringLiteral("Save plan")));
    const auto parsed = Plan::parse(contentOf(wizard.dialogs.path));
    QVERIFY_RESULT(parsed);
    QCOMPARE(parsed->fingerprint(), plan.fingerprint());
    QCOMPARE(wizard.dialogs.lastProposedName, QStringLiteral("plays.plan.json"));
    wizard.picture("backfill-3-review");
    QCOMPARE(value("SELECT to_regnamespace('tidemark') IS NULL"), QStringLiteral("t"));

    wizard.dialogs.answer = true;
    wizard.next();
    QCOMPARE(wizard.dialogs.lastRequest.typedName, m_database->name());
    QTRY_COMPARE_WITH_TIMEOUT(wizard.page->currentStep(), int(AtRun), 15'000);
    auto *panel = wizard.find<RunPanel>({});
    QTRY_VERIFY_WITH_TIMEOUT(panel->status()->text().contains(QStringLiteral("Your word")), 60'000);
    QCOMPARE(value("SELECT count(*) FROM plays WHERE length = length(note) + price"), QStringLiteral("6000"));
    wizard.picture("backfill-4-run");
    QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 15'000);
    wizard.next();

    QCOMPARE(wizard.page->currentStep(), int(AtResult));
    auto *result = wizard.find<ResultStep>({});
    QTRY_VERIFY_WITH_TIMEOUT(result->text().contains(QStringLiteral("Rows filled: 6,000")), 15'000);
    for (const char *fact : {"Passes over the table: 1", "Rows left: none", "NOT NULL: declared", "waits for your word",
                             "come filled, by a trigger"})
        QVERIFY2(result->text().contains(QLatin1String(fact)), qPrintable(result->text()));
    wizard.picture("backfill-5-result");

    for (const char *suffix : {"html", "pdf", "json"}) {
        wizard.dialogs.path = folder.filePath(QLatin1String("report.") + QLatin1String(suffix));
        wizard.press(wizard.button(QStringLiteral("Report")));
        QTRY_VERIFY_WITH_TIMEOUT(wizard.message().contains(wizard.dialogs.path), 15'000);
    }
    QVERIFY(
        contentOf(folder.filePath(QStringLiteral("report.html"))).contains("ADD COLUMN &quot;length&quot; integer"));
    QVERIFY(contentOf(folder.filePath(QStringLiteral("report.pdf"))).startsWith("%PDF-"));
    QVERIFY(QJsonDocument::fromJson(contentOf(folder.filePath(QStringLiteral("report.json"))))
                .object()
                .contains(QStringLiteral("digest")));

    QTRY_VERIFY_WITH_TIMEOUT(wizard.button(QStringLiteral("Undo")), 5'000);
    wizard.press(wizard.button(QStringLiteral("Undo")));
    QTRY_VERIFY_WITH_TIMEOUT(result->text().contains(QStringLiteral("Taken back")), 60'000);
    QCOMPARE(value("SELECT count(*) FROM pg_attribute WHERE attrelid = 'plays'::regclass AND attname = 'length'"),
             QStringLiteral("0"));
    if (!test::takesPictures()) // which hold the thread up
        QVERIFY2(stalls.longest() < 400ms, qPrintable(QString::number(stalls.longest().count())));
}

void BackfillWizardTest::aWrongExpressionShowsTheServersMessageWhereItWasWritten()
{
    Window wizard(*m_database, Environment::Development, Safety::Free);
    wizard.reach(AtWhat);
    fillLength(wizard, QStringLiteral("length(nope)"));
    auto *wrong = wizard.page->findChild<MessageBar *>(QStringLiteral("expression-error"));
    QTRY_VERIFY_WITH_TIMEOUT(wrong->isVisible(), 15'000);
    QVERIFY2(wrong->message().contains(QStringLiteral("column \"nope\" does not exist")), qPrintable(wrong->message()));
    QVERIFY(!wizard.canGoOn());
    auto *columns = qobject_cast<DataTable *>(wizard.page->mainWidget());
    QCOMPARE(column(columns, 3).last(), QStringLiteral("Error"));
    wizard.picture("backfill-2-what-wrong");

    type(QStringLiteral("length(note)"));
    QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 15'000);
    QVERIFY(!wrong->isVisible());
    // Tab leads out of an editor: to the condition.
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    auto *where = wizard.find<SqlView>(QStringLiteral("where"));
    QVERIFY(where->isAncestorOf(QApplication::focusWidget()));
    type(QStringLiteral("price >"));
    auto *whereWrong = wizard.page->findChild<MessageBar *>(QStringLiteral("where-error"));
    QTRY_VERIFY_WITH_TIMEOUT(whereWrong->isVisible(), 15'000);
    QVERIFY2(whereWrong->message().contains(QStringLiteral("syntax error")), qPrintable(whereWrong->message()));
    QVERIFY(!wrong->isVisible());
    QVERIFY(!wizard.canGoOn());
    type(QStringLiteral("price > 103"));
    QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 15'000);
    QCOMPARE(wizard.page->draft().spec.where, QStringLiteral("price > 103"));
}

void BackfillWizardTest::whatFailsForTheFirstRowsIsToldBeforeItRuns()
{
    Window wizard(*m_database, Environment::Development, Safety::Free);
    wizard.reach(AtWhat);
    fillLength(wizard, QStringLiteral("1000 / (price - 102)"));
    auto *wrong = wizard.page->findChild<MessageBar *>(QStringLiteral("expression-error"));
    QTRY_VERIFY_WITH_TIMEOUT(wrong->isVisible(), 15'000);
    QVERIFY2(wrong->message().contains(QStringLiteral("division by zero")), qPrintable(wrong->message()));
    QVERIFY(!wizard.canGoOn());
    type(QStringLiteral("1000 / price"));
    QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 15'000);
}

void BackfillWizardTest::rowsAreAddedFromAnotherTableAndLetGo()
{
    Window wizard(*m_database, Environment::Development, Safety::Free);
    QTRY_VERIFY_WITH_TIMEOUT(wizard.page->isFilled() && wizard.canGoOn(), 15'000);
    auto *tables = qobject_cast<DataTable *>(wizard.page->mainWidget());
    goTo(tables, QStringLiteral("public.days"));
    wizard.press(wizard.find<QRadioButton>(QStringLiteral("others")));
    QCOMPARE(wizard.find<QComboBox>(QStringLiteral("from"))->currentText(), QStringLiteral("public.plays"));
    wizard.next();
    QCOMPARE(wizard.page->currentStep(), int(AtWhat));
    auto *columns = qobject_cast<DataTable *>(wizard.page->mainWidget());
    QTRY_COMPARE_WITH_TIMEOUT(columns->model()->rowCount(), 2, 15'000);
    goTo(columns, QStringLiteral("day"));
    QTest::keyClick(columns, Qt::Key_Return);
    type(QStringLiteral("id"));
    goTo(columns, QStringLiteral("plays"));
    QTest::keyClick(columns, Qt::Key_Return);
    type(QStringLiteral("price"));
    wizard.find<SqlView>(QStringLiteral("where"))->setFocus();
    type(QStringLiteral("id <= 500"));
    QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 15'000);
    wizard.picture("backfill-2-what-from");
    wizard.reach(AtReview);
    wizard.next();
    QTRY_COMPARE_WITH_TIMEOUT(wizard.page->currentStep(), int(AtRun), 15'000);
    QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 60'000);
    QCOMPARE(value("SELECT count(*) FROM days"), QStringLiteral("500"));
    wizard.next();
    auto *result = wizard.find<ResultStep>({});
    QTRY_VERIFY_WITH_TIMEOUT(result->text().contains(QStringLiteral("Rows filled: 500")), 15'000);
    wizard.dialogs.answer = true;
    QTRY_VERIFY_WITH_TIMEOUT(wizard.button(QStringLiteral("Let go")), 15'000);
    wizard.press(wizard.button(QStringLiteral("Let go")));
    QTRY_VERIFY_WITH_TIMEOUT(result->text().contains(QStringLiteral("there is no way back")), 60'000);
    QTRY_VERIFY_WITH_TIMEOUT(result->text().contains(QStringLiteral("Done")), 30'000);
}

void BackfillWizardTest::aPlanIsRehearsedAndTheOriginalDoesNotNotice()
{
    Window wizard(*m_database, Environment::Production, Safety::Confirm);
    wizard.reach(AtWhat);
    fillLength(wizard, QStringLiteral("length(note)"));
    wizard.reach(AtReview);
    const size_t planned = wizard.page->draft().plan()->steps.size();
    wizard.press(wizard.button(QStringLiteral("Rehearse")));
    QCOMPARE(wizard.dialogs.asked.size(), 1);
    QVERIFY2(wizard.dialogs.lastRequest.text.contains(QStringLiteral("scratch database is made")),
             qPrintable(wizard.dialogs.lastRequest.text));
    QCOMPARE(wizard.dialogs.lastRequest.typedName, m_database->name());
    auto *rehearsal = wizard.page->findChild<RehearsalView *>();
    QVERIFY(!rehearsal->hasBegun()); // it was not confirmed

    test::StallWatch stalls;
    wizard.dialogs.answer = true;
    wizard.press(wizard.button(QStringLiteral("Rehearse")));
    QVERIFY(rehearsal->isRehearsing());
    QVERIFY(rehearsal->isVisible());
    QVERIFY(!wizard.button(QStringLiteral("Rehearse…"))->isEnabled());
    QTRY_VERIFY_WITH_TIMEOUT(!rehearsal->isRehearsing(), 120'000);
    QVERIFY2(rehearsal->sentence().contains(QStringLiteral("All steps went through")),
             qPrintable(rehearsal->sentence() + wizard.message()));
    QCOMPARE(rehearsal->table()->model()->rowCount(), int(planned));
    QCOMPARE(column(rehearsal->table(), 2).count(QStringLiteral("Done")), int(planned));
    QVERIFY2(column(rehearsal->table(), 5).first().contains(QStringLiteral("ACCESS EXCLUSIVE on public.plays")),
             qPrintable(column(rehearsal->table(), 5).first()));
    QVERIFY(!column(rehearsal->table(), 3).first().isEmpty());
    QVERIFY(column(rehearsal->table(), 4).contains(QStringLiteral("6,000")));
    if (!test::takesPictures())
        QVERIFY2(stalls.longest() < 400ms, qPrintable(QString::number(stalls.longest().count())));
    wizard.picture("backfill-3-review-rehearsal");
    QCOMPARE(value("SELECT to_regnamespace('tidemark') IS NULL"), QStringLiteral("t"));
    QCOMPARE(value("SELECT count(*) FROM pg_database WHERE datname LIKE '%rehears%' OR datname LIKE '%scratch%'"),
             QStringLiteral("0"));
    QVERIFY(wizard.canGoOn());
}

void BackfillWizardTest::aReadOnlyProfilePlansAndNeitherRehearsesNorRuns()
{
    Window wizard(*m_database, Environment::Production, Safety::ReadOnly);
    wizard.reach(AtWhat);
    fillLength(wizard, QStringLiteral("length(note)"));
    wizard.reach(AtReview);
    wizard.dialogs.answer = true;
    wizard.press(wizard.button(QStringLiteral("Rehearse")));
    QVERIFY2(wizard.message().contains(QStringLiteral("read-only")), qPrintable(wizard.message()));
    wizard.next();
    QVERIFY2(wizard.message().contains(QStringLiteral("read-only")), qPrintable(wizard.message()));
    QCOMPARE(wizard.dialogs.asked.size(), 0);
    QCOMPARE(wizard.page->currentStep(), int(AtReview));
}

void BackfillWizardTest::aDraftSurvivesTheWindow()
{
    QString layout;
    {
        Window wizard(*m_database, Environment::Development, Safety::Free);
        wizard.reach(AtWhat);
        fillLength(wizard, QStringLiteral("length(note)"));
        QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 15'000);
        layout = wizard.page->saveLayout();
    }
    Window wizard(*m_database, Environment::Development, Safety::Free);
    wizard.page->restoreLayout(layout);
    wizard.reach(AtWhat);
    QTRY_VERIFY_WITH_TIMEOUT(wizard.canGoOn(), 15'000);
    QCOMPARE(wizard.page->draft().spec.set.size(), size_t(1));
    QCOMPARE(wizard.page->draft().spec.set.front().expression, QStringLiteral("length(note)"));
    QCOMPARE(wizard.page->draft().spec.add.size(), size_t(1));
}

QTEST_MAIN(BackfillWizardTest)
#include "tst_backfillwizard.moc"
