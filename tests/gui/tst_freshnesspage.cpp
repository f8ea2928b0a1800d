// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui/boardwindow.h"
#include "tests/gui/cutoff.h"
#include "tests/support/boarddata.h"
#include "ui/charts/dependencygraphview.h"
#include "ui/pages/freshnesspage.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/messagebar.h"

#include <QAction>
#include <QClipboard>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>

using namespace tidemark;
using namespace tidemark::ui;
using namespace std::chrono_literals;

class FreshnessPageTest : public QObject
{
    Q_OBJECT

private:
    using Window = test::BoardWindow<FreshnessPage>;

    static QStringList names(const DataTable *table)
    {
        QStringList all;
        for (int row = 0; row < table->proxy()->rowCount(); ++row)
            all << table->proxy()->index(row, 0).data(ObjectRole).value<ObjectRef>().name.name;
        return all;
    }
    static DataTable *tableOf(const Window &window) { return qobject_cast<DataTable *>(window.page->mainWidget()); }
    static QString current(const DataTable *table)
    {
        return table->currentIndex().data(ObjectRole).value<ObjectRef>().name.name;
    }

private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, ThemeChoice::Light); }

    void theWorstStandsFirstAndIsShownInFull()
    {
        Window window;
        const auto server = test::demoServer(QStringLiteral("demo"), window.clock.at);
        QVERIFY(test::fillHistory(*window.history, *server, window.clock.at));
        window.show(server);
        QCOMPARE(window.page->state(), Page::State::Live);
        QCOMPARE(names(tableOf(window)).mid(0, 3),
                 QStringList({QStringLiteral("popular_tracks"), QStringLiteral("mv_lot_wip"),
                              QStringLiteral("mv_process_wip")}));
        QVERIFY(window.detailShows(QStringLiteral("public.popular_tracks")));
        QVERIFY(window.detailShows(QStringLiteral("Older than its target of 30 min")));
        QVERIFY(window.detailShows(QStringLiteral("184,220")));
        QTest::qWait(500); // history is read after the selection came to rest
        const auto badge = window.page->badge(window.page->snapshots(), window.page->moments());
        QCOMPARE(badge.count, 5);
        QCOMPARE(badge.severity, Severity::Critical);
    }

    void arrowKeysMoveTheDetail()
    {
        Window window;
        window.show(test::demoServer(QStringLiteral("demo"), window.clock.at));
        tableOf(window)->setFocus();
        QTest::keyClick(tableOf(window), Qt::Key_Down);
        QVERIFY(window.detailShows(QStringLiteral("public.mv_lot_wip")));
        QVERIFY(window.detailShows(QStringLiteral("≥ 3 h 05 min ago")));
        QTest::keyClick(tableOf(window), Qt::Key_Down);
        QVERIFY(window.detailShows(QStringLiteral("It has no data")));
    }

    void selectionScrollAndSortSurviveAnUpdate()
    {
        Window window;
        window.show(test::largeServer(QStringLiteral("big"), window.clock.at, 300, 5, 0));
        DataTable *table = tableOf(window);
        table->sortByColumnId("name", Qt::DescendingOrder);
        QTest::qWait(20); // until the rows are laid out there is nothing to scroll
        table->setCurrentIndex(table->proxy()->index(150, 0));
        table->scrollTo(table->currentIndex(), QAbstractItemView::PositionAtCenter);
        const QString chosen = current(table);
        const int scrolled = table->verticalScrollBar()->value();
        QVERIFY(scrolled > 0);
        for (int generation = 1; generation < 4; ++generation) {
            window.show(test::largeServer(QStringLiteral("big"), window.clock.at, 300, 5, generation));
            QCOMPARE(current(table), chosen);
            QCOMPARE(table->verticalScrollBar()->value(), scrolled);
            QCOMPARE(names(table).first(), QStringLiteral("view_00299"));
        }
    }

    void filterAndScopeNarrowTheRows()
    {
        Window window;
        window.show(test::demoServer(QStringLiteral("demo"), window.clock.at));
        window.page->setFilterText(QStringLiteral("ergonomic late"));
        QCOMPARE(names(tableOf(window)), QStringList{QStringLiteral("mv_ergonomic_hourly")});
        window.page->setFilterText({});
        window.page->setScope({QStringLiteral("demo"), QStringLiteral("register")});
        QCOMPARE(names(tableOf(window)).size(), 5);
        window.page->setScope({QStringLiteral("demo"), QStringLiteral("sensors")});
        QCOMPARE(window.page->state(), Page::State::Empty);
    }

    void atThisWidthNothingScrollsSidewaysAndNoTextIsCutOff()
    {
        for (const QSize size : {QSize(1280, 800), QSize(1000, 700), QSize(2200, 900)}) {
            Window window(size);
            window.show(test::demoServer(QStringLiteral("demo"), window.clock.at));
            DataTable *table = tableOf(window);
            QTest::qWait(100); // the columns are fitted once the rows are in
            QCOMPARE(table->horizontalScrollBar()->maximum(), 0);
            int shown = 0;
            for (int column = 0; column < table->proxy()->columnCount(); ++column)
                shown += table->isColumnHidden(column) ? 0 : 1;
            QVERIFY(shown >= (size.width() > 2000 ? 12 : 4));
            const QStringList elided = test::elided(*table, *table->horizontalHeader(),
                                                    {"status", "source_changes", "target_used", "target"});
            QVERIFY2(elided.isEmpty(), qPrintable(elided.join(QStringLiteral("; "))));
            const QStringList cutOff = test::cutOffLabels(window.window);
            QVERIFY2(cutOff.isEmpty(), qPrintable(cutOff.join(QStringLiteral("; "))));
            for (const char *id : {"status", "name", "last_refresh", "target_used"}) {
                for (int column = 0; column < table->proxy()->columnCount(); ++column) {
                    if (table->proxy()->headerData(column, Qt::Horizontal, ColumnIdRole).toByteArray() == id)
                        QVERIFY2(!table->isColumnHidden(column), id);
                }
            }
        }
    }

    void aTextThatIsCutOffWouldBeFound()
    {
        QWidget window;
        auto *label = new QLabel(QStringLiteral("Two words of some length"), &window);
        label->setWordWrap(true);
        label->resize(label->sizeHint());
        window.show();
        QCOMPARE(test::cutOffLabels(window), QStringList());
        label->resize(label->width(), label->fontMetrics().height() / 2);
        QCOMPARE(test::cutOffLabels(window).size(), 1);
    }

    void theTargetIsReachedFromTheTableByKeyboard()
    {
        Window window;
        window.show(test::demoServer(QStringLiteral("demo"), window.clock.at));
        QVERIFY(QTest::qWaitForWindowActive(&window.window));
        tableOf(window)->setFocus();
        QTest::keyClick(tableOf(window), Qt::Key_T, Qt::ControlModifier);
        QCOMPARE(window.window.focusWidget(),
                 window.page->detailWidget()->findChild<QLineEdit *>(QStringLiteral("target")));
    }

    void aRefreshIsAskedForFromTheTableByKeyboard()
    {
        Window window;
        window.show(test::demoServer(QStringLiteral("demo"), window.clock.at));
        QVERIFY(QTest::qWaitForWindowActive(&window.window));
        QSignalSpy asked(window.page, &Page::refreshRequested);
        tableOf(window)->setFocus();
        const auto current = tableOf(window)->currentSource().data(ObjectRole).value<ObjectRef>();
        QTest::keyClick(tableOf(window), Qt::Key_R, Qt::ControlModifier);
        QTest::keyClick(tableOf(window), Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(asked.size(), 2);
        QCOMPARE(asked.first().first().value<ObjectRef>(), current);
        QCOMPARE(asked.first().last().toBool(), false);
        QCOMPARE(asked.last().last().toBool(), true);
        const auto *action = window.page->findChild<QAction *>(QStringLiteral("refreshCascade"));
        QVERIFY(action && action->text().contains(current.name.display()));
    }

    void whereItIsKnownRoughlyTheRefreshLogIsOffered()
    {
        Window window;
        window.show(test::demoServer(QStringLiteral("demo"), window.clock.at));
        QSignalSpy asked(window.page, &Page::refreshLogRequested);
        tableOf(window)->setFocus();
        QTest::keyClick(tableOf(window), Qt::Key_Down); // mv_lot_wip: at least so old
        QPushButton *offer = nullptr;
        for (QPushButton *button : window.page->detailWidget()->findChildren<QPushButton *>()) {
            if (button->text() == QStringLiteral("Log…"))
                offer = button;
        }
        QVERIFY(offer && offer->isVisible());
        QVERIFY(window.detailShows(QStringLiteral("would tell every refresh to the moment")));
        offer->setFocus();
        QTest::keyClick(offer, Qt::Key_Space);
        QCOMPARE(asked.size(), 1);
        QCOMPARE(asked.first().first().value<ObjectRef>().database, QStringLiteral("wip"));
        tableOf(window)->setFocus();
        QTest::keyClick(tableOf(window), Qt::Key_Up); // popular_tracks: known by its commit
        QVERIFY(!offer->isVisible());
    }

    void aTargetTypedAndEnteredReachesTheStore()
    {
        Window window;
        const auto server = test::demoServer(QStringLiteral("demo"), window.clock.at);
        window.show(server);
        auto *target = window.page->detailWidget()->findChild<QLineEdit *>(QStringLiteral("target"));
        QCOMPARE(target->text(), QStringLiteral("30 min"));
        target->setFocus();
        target->selectAll();
        QTest::keyClicks(target, QStringLiteral("45 minuets"));
        QTest::keyClick(target, Qt::Key_Return);
        QVERIFY(window.detailShows(QStringLiteral("is not a length of time")));
        target->selectAll();
        QTest::keyClicks(target, QStringLiteral("1 h 30 min"));
        QTest::keyClick(target, Qt::Key_Return);
        const DatabaseRef database{server->databases.at(QStringLiteral("plays"))->capabilities.systemIdentifier,
                                   QStringLiteral("plays")};
        const pg::QualifiedName name{QStringLiteral("public"), QStringLiteral("popular_tracks")};
        QTRY_COMPARE(window.history->targets(database).value().value(name), Millis(90min));
    }

    void theCopiedStatementIsTheOnePostgresWouldAccept()
    {
        Window window;
        window.show(test::demoServer(QStringLiteral("demo"), window.clock.at));
        const auto copied = [&](const char *name) {
            const bool shown = window.page->showObject({ObjectKind::Refreshable,
                                                        QStringLiteral("demo"),
                                                        QStringLiteral("plays"),
                                                        0,
                                                        {QStringLiteral("public"), QLatin1String(name)},
                                                        0});
            window.page->detailWidget()->findChild<QAction *>(QStringLiteral("copyRefreshStatement"))->trigger();
            return shown ? QGuiApplication::clipboard()->text() : QString();
        };
        QCOMPARE(copied("popular_tracks"),
                 QStringLiteral("REFRESH MATERIALIZED VIEW CONCURRENTLY \"public\".\"popular_tracks\";"));
        QCOMPARE(copied("trending_tracks_7d"),
                 QStringLiteral("REFRESH MATERIALIZED VIEW \"public\".\"trending_tracks_7d\";"));
        QCOMPARE(copied("plays_hourly"),
                 QStringLiteral(
                     "CALL \"public\".\"refresh_continuous_aggregate\"('\"public\".\"plays_hourly\"', NULL, NULL);"));
    }

    void theTableCopiesAsMarkdownAndCsv()
    {
        Window window;
        window.show(test::demoServer(QStringLiteral("demo"), window.clock.at));
        window.page->setFilterText(QStringLiteral("popular"));
        const QStringList markdown = tableOf(window)->toMarkdown().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        QCOMPARE(markdown.size(), 3);
        QVERIFY(markdown[0].startsWith(QStringLiteral("| Status | Name | Last refresh | Changed rows |")));
        QVERIFY(markdown[1].startsWith(QStringLiteral("| --- | --- | --- | ---: |")));
        QVERIFY(markdown[2].startsWith(QStringLiteral("| Breached | public.popular_tracks | 47 min ago | 184,220 |")));
        const QStringList csv = tableOf(window)->toCsv().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        QVERIFY(csv[0].startsWith(QStringLiteral("status,name,last_refresh,source_changes")));
        QVERIFY(csv[1].startsWith(
            QStringLiteral("breached,public.popular_tracks,%1,184220").arg(toIso8601(window.clock.at - 47min))));
    }

    void enterInTheGraphGoesToThatView()
    {
        Window window;
        window.show(test::demoServer(QStringLiteral("demo"), window.clock.at));
        auto *canvas = window.page->detailWidget()->findChild<DependencyCanvas *>();
        QCOMPARE(int(canvas->graph().nodes.size()), 4);
        canvas->setFocus();
        QTest::keyClick(canvas, Qt::Key_Down);
        QTest::keyClick(canvas, Qt::Key_Return);
        QCOMPARE(current(tableOf(window)), QStringLiteral("trending_tracks_7d"));
    }

    void aServerThatFailsIsGreyedNotEmptied()
    {
        Window window;
        auto server = test::demoServer(QStringLiteral("demo"), window.clock.at);
        window.show(server);
        auto failed = std::make_shared<ServerSnapshot>(*server);
        failed->state = WatchState::Failed;
        failed->error = Error::local(QStringLiteral("could not connect"));
        window.show(failed);
        QCOMPARE(window.page->state(), Page::State::Stale);
        QCOMPARE(names(tableOf(window)).size(), 16);
        failed = std::make_shared<ServerSnapshot>(*failed);
        failed->databases.clear();
        window.show(failed);
        QCOMPARE(window.page->state(), Page::State::Failed);
    }

    void allThatTakesTheKeyboardHasAName()
    {
        Window window;
        window.show(test::demoServer(QStringLiteral("demo"), window.clock.at));
        QCOMPARE(window.nameless(), QStringList());
    }

    void aThousandViewsUpdateWithoutAStall()
    {
        Window window;
        window.show(test::largeServer(QStringLiteral("big"), window.clock.at, 1000, 5, 0));
        QTest::qWait(300);
        std::vector<std::shared_ptr<ServerSnapshot>> next;
        for (int generation = 1; generation <= 8; ++generation)
            next.push_back(test::largeServer(QStringLiteral("big"), window.clock.at, 1000, 5, generation));
        test::LongestPause pause;
        for (const auto &snapshot : next) {
            window.show(snapshot);
            QTest::qWait(40);
        }
        qInfo("longest pause over 8 updates of 1,000 views: %.1f ms", pause.ms());
        QVERIFY(pause.ms() < 50);
    }
};

QTEST_MAIN(FreshnessPageTest)
#include "tst_freshnesspage.moc"
