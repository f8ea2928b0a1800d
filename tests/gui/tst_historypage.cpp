// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui/boardwindow.h"
#include "tests/support/boarddata.h"
#include "ui/charts/refreshgantt.h"
#include "ui/pages/historypage.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/emptystate.h"

#include <QComboBox>
#include <QTabWidget>

using namespace tidemark;
using namespace tidemark::ui;

class HistoryPageTest : public QObject
{
    Q_OBJECT

private:
    using Window = test::BoardWindow<HistoryPage>;

    static DataTable *shown(const Window &window) { return qobject_cast<DataTable *>(window.page->mainWidget()); }
    static QComboBox *box(const Window &window, const char *name)
    {
        return window.page->template findChild<QComboBox *>(QLatin1String(name));
    }
    static QWidget *keys(const Window &window) { return window.page->template findChild<RefreshGantt *>()->plot(); }

    static void fill(Window &window)
    {
        const auto server = test::demoServer(QStringLiteral("demo"), window.clock.at);
        QVERIFY(test::fillHistory(*window.history, *server, window.clock.at));
        window.show(server);
        QTRY_VERIFY(shown(window)->proxy()->rowCount() > 0);
    }

private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, ThemeChoice::Light); }

    void newestFirstAndAllSourcesTold()
    {
        Window window;
        fill(window);
        const auto *proxy = shown(window)->proxy();
        for (int row = 1; row < proxy->rowCount(); ++row)
            QVERIFY(proxy->index(row - 1, 0).data(SortRole).toLongLong()
                    >= proxy->index(row, 0).data(SortRole).toLongLong());
        QVERIFY(box(window, "source")->count() >= 4);
        QVERIFY(!window.page->findChild<RefreshGantt *>()->lanes().empty());
    }

    void moreThanCanBeListedIsSaidInNumbers()
    {
        Window window;
        const auto server = test::demoServer(QStringLiteral("demo"), window.clock.at);
        const DatabaseRef database{server->databases.at(QStringLiteral("plays"))->capabilities.systemIdentifier,
                                   QStringLiteral("plays")};
        std::vector<RefreshEvent> events(5'321);
        for (std::size_t i = 0; i < events.size(); ++i) {
            events[i].name = {QStringLiteral("public"), QStringLiteral("popular_tracks")};
            events[i].finishedAt = window.clock.at - std::chrono::seconds(2 * i);
            events[i].confidence = Confidence::Commit;
            events[i].source = RefreshSource::CommitTimestamp;
            events[i].xid = static_cast<quint32>(i + 1);
        }
        QVERIFY(window.history->addRefreshes(database, events));
        window.show(server);
        auto *more = window.page->findChild<QLabel *>(QStringLiteral("more"));
        QTRY_VERIFY(more->isVisible());
        const QString listed = QLocale().toString(shown(window)->proxy()->rowCount());
        QCOMPARE(shown(window)->proxy()->rowCount(), 5'000);
        QVERIFY2(more->text().contains(listed) && more->text().contains(QLocale().toString(5'321)),
                 qPrintable(more->text()));
        auto *hours = box(window, "hours");
        hours->setFocus();
        QTest::keyClick(hours, Qt::Key_Home); // the last hour: 1,800 of them
        QTRY_VERIFY(!more->isVisible());
    }

    void whatIsNewIsPutBeforeWhatWasRead()
    {
        Window window;
        fill(window);
        const int before = shown(window)->proxy()->rowCount();
        auto server = test::demoServer(QStringLiteral("demo"), window.clock.at);
        RefreshEvent event;
        event.name = {QStringLiteral("public"), QStringLiteral("popular_tracks")};
        event.finishedAt = window.clock.at + std::chrono::seconds(5);
        event.confidence = Confidence::Commit;
        event.source = RefreshSource::CommitTimestamp;
        event.xid = 987'654;
        QVERIFY(window.history->addRefresh(
            {server->databases.at(QStringLiteral("plays"))->capabilities.systemIdentifier, QStringLiteral("plays")},
            event));
        window.clock.at += std::chrono::seconds(10);
        window.show(test::demoServer(QStringLiteral("demo"), window.clock.at));
        QTRY_COMPARE_WITH_TIMEOUT(shown(window)->proxy()->rowCount(), before + 1, 10'000);
    }

    void alertsOfTheLastDayAreListedAndLeadToTheirObject()
    {
        Window window;
        const auto server = test::demoServer(QStringLiteral("demo"), window.clock.at);
        const DatabaseRef database{systemIdentifierOf(*server), QStringLiteral("plays")};
        const auto raise = [&](const char *kind, const char *subject, Millis ago) {
            AlertRecord alert;
            alert.kind = QString::fromLatin1(kind);
            alert.subject = QString::fromLatin1(subject);
            alert.message = alert.subject + QStringLiteral(" is in trouble");
            alert.raisedAt = window.clock.at - ago;
            return window.history->raiseAlert(database, alert);
        };
        QVERIFY(raise("freshness", "public.popular_tracks", std::chrono::minutes(5)));
        const auto over = raise("blocking", "pid 4711", std::chrono::hours(2));
        QVERIFY(over);
        QVERIFY(window.history->clearAlert(*over, window.clock.at - std::chrono::hours(1)));
        const auto old = raise("job", "pg_cron job 3", std::chrono::hours(60));
        QVERIFY(old);
        QVERIFY(window.history->clearAlert(*old, window.clock.at - std::chrono::hours(50)));

        QVERIFY(window.page->showObject({ObjectKind::Alerts, QStringLiteral("demo"), {}, 0, {}, 0}));
        window.show(server);
        QTRY_COMPARE(shown(window)->proxy()->rowCount(), 2);
        QTRY_VERIFY(window.detailShows(QStringLiteral("public.popular_tracks is in trouble")));
        std::optional<ObjectRef> asked;
        connect(window.page, &Page::objectRequested, window.page, [&](const ObjectRef &object) { asked = object; });
        shown(window)->setFocus();
        QTest::keyClick(shown(window), Qt::Key_Return);
        QVERIFY(asked);
        QCOMPARE(asked->kind, ObjectKind::Refreshable);
        QCOMPARE(asked->name.display(), QStringLiteral("public.popular_tracks"));
        QTest::keyClick(shown(window), Qt::Key_Down);
        QVERIFY(window.detailShows(QStringLiteral("Until")));
        QTest::keyClick(shown(window), Qt::Key_Return);
        QCOMPARE(asked->kind, ObjectKind::Backend);
        QCOMPARE(asked->pid, 4711);
    }

    void failuresShowTheirWholeError()
    {
        Window window;
        fill(window);
        const int all = shown(window)->proxy()->rowCount();
        QTest::keyClick(box(window, "result"), Qt::Key_Down);
        const int failed = shown(window)->proxy()->rowCount();
        QVERIFY(failed > 0 && failed < all);
        shown(window)->setFocus();
        QTest::keyClick(shown(window), Qt::Key_Home);
        QTest::keyClick(shown(window), Qt::Key_Down);
        QVERIFY(window.detailShows(
            QStringLiteral("canceling statement due to lock timeout\nCONTEXT:  waiting for AccessExclusiveLock")));
    }

    void sourceAndTextFilterTableChartAndPercentilesAlike()
    {
        Window window;
        fill(window);
        window.page->setFilterText(QStringLiteral("ergonomic"));
        const auto &lanes = window.page->findChild<RefreshGantt *>()->lanes();
        QCOMPARE(int(lanes.size()), 2);
        std::size_t bars = 0;
        for (const GanttLane &lane : lanes)
            bars += lane.bars.size();
        QCOMPARE(int(bars), shown(window)->proxy()->rowCount());
        auto *tabs = window.page->findChild<QTabWidget *>();
        tabs->setCurrentIndex(1);
        QCOMPARE(shown(window)->proxy()->rowCount(), 2);
        QTest::keyClick(shown(window), Qt::Key_Home);
        QTest::keyClick(shown(window), Qt::Key_Down);
        QVERIFY(window.detailShows(QStringLiteral("95th percentile")));
    }

    void keysInTheChartSelectTheRow()
    {
        Window window;
        fill(window);
        QTest::keyClick(keys(window), Qt::Key_Down);
        const QString first = shown(window)->currentIndex().data(KeyRole).toString();
        QTest::keyClick(keys(window), Qt::Key_Left);
        const QString earlier = shown(window)->currentIndex().data(KeyRole).toString();
        QVERIFY(!first.isEmpty());
        QVERIFY(first != earlier);
        QVERIFY(!keys(window)->accessibleDescription().isEmpty());
    }

    void jobsTellTheirLastRun()
    {
        Window window;
        fill(window);
        auto *tabs = window.page->findChild<QTabWidget *>();
        tabs->setCurrentIndex(2);
        QCOMPARE(shown(window)->proxy()->rowCount(), 3);
        QCOMPARE(shown(window)->proxy()->index(0, 0).data().toString(), QStringLiteral("Failed"));
        shown(window)->setCurrentIndex(shown(window)->proxy()->index(0, 0));
        QVERIFY(window.detailShows(QStringLiteral("lock timeout")));
    }

    void anEmptyHistoryOffersToLookFurtherBack()
    {
        Window window;
        auto server = test::serverWith(QStringLiteral("demo"), QStringLiteral("plays"), window.clock.at,
                                       std::make_shared<FreshnessSnapshot>());
        RefreshEvent old;
        old.name = {QStringLiteral("public"), QStringLiteral("v")};
        old.finishedAt = window.clock.at - std::chrono::hours(48);
        old.confidence = Confidence::Exact;
        old.source = RefreshSource::OwnRun;
        QVERIFY(window.history->addRefresh(
            {server->databases.begin()->second->capabilities.systemIdentifier, QStringLiteral("plays")}, old));
        window.show(server);
        QTRY_COMPARE(window.page->state(), Page::State::Empty);
        Q_EMIT window.page->findChild<EmptyState *>()->actionTriggered();
        QTRY_COMPARE(window.page->state(), Page::State::Live);
        QCOMPARE(shown(window)->proxy()->rowCount(), 1);
    }

    void allThatTakesTheKeyboardHasAName()
    {
        Window window;
        fill(window);
        QCOMPARE(window.nameless(), QStringList());
    }
};

QTEST_MAIN(HistoryPageTest)
#include "tst_historypage.moc"
