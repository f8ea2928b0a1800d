// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui/boardwindow.h"
#include "tests/support/boarddata.h"
#include "ui/charts/partitionstrip.h"
#include "ui/pages/partitionspage.h"
#include "ui/widgets/datatable.h"

#include <QAbstractItemModel>
#include <QSignalSpy>

using namespace tidemark;
using namespace tidemark::ui;

class PartitionsPageTest : public QObject
{
    Q_OBJECT

private:
    using Window = test::BoardWindow<PartitionsPage>;

    static DataTable *parents(const Window &window) { return qobject_cast<DataTable *>(window.page->mainWidget()); }
    static DataTable *parts(const Window &window)
    {
        for (DataTable *table : window.page->template findChildren<DataTable *>()) {
            if (table != parents(window))
                return table;
        }
        return nullptr;
    }
    static quint32 currentOid(const DataTable *table)
    {
        return table->currentIndex().data(ObjectRole).value<ObjectRef>().oid;
    }
    static QWidget *keys(const Window &window) { return window.page->template findChild<PartitionStrip *>()->plot(); }

    static void choose(const Window &window, const char *schema, const char *name)
    {
        QVERIFY(window.page->showObject({ObjectKind::PartitionedTable,
                                         QStringLiteral("demo"),
                                         QStringLiteral("plays"),
                                         0,
                                         {QLatin1String(schema), QLatin1String(name)},
                                         0}));
    }

private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, ThemeChoice::Light); }

    void theOneThatRanOutStandsFirst()
    {
        Window window;
        const auto server = test::demoServer(QStringLiteral("demo"), window.clock.at);
        QVERIFY(test::fillHistory(*window.history, *server, window.clock.at));
        window.show(server);
        QCOMPARE(parents(window)->currentIndex().data(ObjectRole).value<ObjectRef>().name.name,
                 QStringLiteral("changes"));
        QVERIFY(window.detailShows(QStringLiteral("inserts of current rows fail")));
        QCOMPARE(parts(window)->proxy()->rowCount(), 30);
        const auto badge = window.page->badge(window.page->snapshots(), window.page->moments());
        QCOMPARE(badge.count, 2);
        QCOMPARE(badge.severity, Severity::Critical);
    }

    void keysInTheStripSelectTheRow()
    {
        Window window;
        window.show(test::demoServer(QStringLiteral("demo"), window.clock.at));
        choose(window, "public", "source_track_plays");
        QTest::keyClick(keys(window), Qt::Key_Home);
        const quint32 first = currentOid(parts(window));
        QCOMPARE(first, 11'000U);
        QTest::keyClick(keys(window), Qt::Key_Right);
        QCOMPARE(currentOid(parts(window)), first + 1);
        QVERIFY(window.detailShows(QStringLiteral("Selected partition")));
        QTest::keyClick(keys(window), Qt::Key_Plus);
        QTest::keyClick(keys(window), Qt::Key_End);
        QCOMPARE(currentOid(parts(window)), 11'123U);
        QTest::keyClick(keys(window), Qt::Key_0);
        QTest::keyClick(keys(window), Qt::Key_Left);
        QCOMPARE(currentOid(parts(window)), 11'122U);
    }

    void aRowMarksItsBlockInTheStrip()
    {
        Window window;
        window.show(test::demoServer(QStringLiteral("demo"), window.clock.at));
        choose(window, "public", "sensor_readings");
        QTest::keyClick(parts(window), Qt::Key_Down);
        QTest::keyClick(parts(window), Qt::Key_Down);
        const auto *strip = window.page->findChild<PartitionStrip *>();
        QVERIFY(strip->selectedPartition() != 0);
        QCOMPARE(strip->selectedPartition(), currentOid(parts(window)));
    }

    void gapsAndDefaultRowsAreNamed()
    {
        Window window;
        const auto server = test::demoServer(QStringLiteral("demo"), window.clock.at);
        QVERIFY(test::fillHistory(*window.history, *server, window.clock.at));
        window.show(server);
        choose(window, "public", "source_track_plays");
        QVERIFY(window.detailShows(QStringLiteral("About 1,204 rows lie in the default partition")));
        QVERIFY(window.detailShows(QStringLiteral("Gap")));
        const ChartTable twin = window.page->findChild<PartitionStrip *>()->table();
        QCOMPARE(twin.rows.size(), 122);
        QCOMPARE(twin.rows.last()[3].toString(), QStringLiteral("default"));
        QTest::qWait(400);
    }

    void compressedChunksAndHorizonsAreShown()
    {
        Window window;
        const auto server = test::demoServer(QStringLiteral("demo"), window.clock.at);
        QVERIFY(test::fillHistory(*window.history, *server, window.clock.at));
        window.show(server);
        choose(window, "public", "sensor_readings");
        QVERIFY(window.detailShows(QStringLiteral("compressed")));
        QVERIFY(window.detailShows(QStringLiteral("Dropped after")));
        QTest::qWait(400);
    }

    void listPartitionsStandBySize()
    {
        Window window;
        window.show(test::demoServer(QStringLiteral("demo"), window.clock.at));
        choose(window, "public", "orders_by_region");
        const ChartTable twin = window.page->findChild<PartitionStrip *>()->table();
        QCOMPARE(twin.rows.size(), 5);
        for (qsizetype row = 1; row < twin.rows.size(); ++row)
            QVERIFY(twin.rows[row - 1][2].toLongLong() >= twin.rows[row][2].toLongLong());
    }

    void aTableThatWasNotPublishedAnewIsNotWalkedAgain()
    {
        Window window;
        const auto server = test::demoServer(QStringLiteral("demo"), window.clock.at);
        window.show(server);
        QSignalSpy changed(parts(window)->proxy()->sourceModel(), &QAbstractItemModel::dataChanged);
        window.show(std::make_shared<ServerSnapshot>(*server));
        for (const QList<QVariant> &signal : changed) // ages alone, a column each
            QCOMPARE(signal[0].value<QModelIndex>().column(), signal[1].value<QModelIndex>().column());
    }

    void allThatTakesTheKeyboardHasAName()
    {
        Window window;
        window.show(test::demoServer(QStringLiteral("demo"), window.clock.at));
        QCOMPARE(window.nameless(), QStringList());
    }

    void tenThousandPartitionsUpdateWithoutAStall()
    {
        Window window;
        window.show(test::largeServer(QStringLiteral("big"), window.clock.at, 5, 10'000, 0));
        QTest::qWait(300);
        QCOMPARE(parts(window)->proxy()->rowCount(), 10'000);
        std::vector<std::shared_ptr<ServerSnapshot>> next;
        for (int generation = 1; generation <= 8; ++generation)
            next.push_back(test::largeServer(QStringLiteral("big"), window.clock.at, 5, 10'000, generation));
        const quint32 before = currentOid(parts(window));
        test::LongestPause pause;
        for (const auto &snapshot : next) {
            window.show(snapshot);
            QTest::qWait(40);
        }
        qInfo("longest pause over 8 updates of 10,000 partitions: %.1f ms", pause.ms());
        QCOMPARE(currentOid(parts(window)), before);
        QVERIFY(pause.ms() < 50);
    }
};

QTEST_MAIN(PartitionsPageTest)
#include "tst_partitionspage.moc"
