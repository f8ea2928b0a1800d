// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui/boardwindow.h"
#include "tests/gui/cutoff.h"
#include "tests/gui/handmadefeed.h"
#include "tests/support/boarddata.h"
#include "ui/models/locktreemodel.h"
#include "ui/pages/lockspage.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/datatree.h"

#include <QHeaderView>
#include <QScrollBar>

using namespace tidemark;
using namespace tidemark::ui;
using namespace std::chrono_literals;

namespace {

/// Names as long as real ones are.
LockSnapshot longWaits(Instant now)
{
    LockSnapshot locks = test::chainOfThree(now);
    for (LockParty &party : locks.parties) {
        party.applicationName = QStringLiteral("warehouse-loader-%1-of-production").arg(party.pid);
        party.user = QStringLiteral("warehouse_owner");
        if (!party.object.isEmpty())
            party.object = QStringLiteral("warehouse_production.source_track_plays_by_day");
        if (party.waitingSince)
            party.wantedMode = QStringLiteral("ShareUpdateExclusiveLock");
    }
    return locks;
}

std::shared_ptr<ServerSnapshot> server(const QString &name, const test::StandingClock &clock)
{
    auto it = test::serverWith(name, QStringLiteral("plays"), clock.at, std::make_shared<FreshnessSnapshot>());
    it->locks = std::make_shared<LockSnapshot>();
    return it;
}

} // namespace

/// Where a page is narrow its columns give way, and nothing is to be scrolled to.
class TstColumnFit : public QObject
{
    Q_OBJECT

private:
    using Window = test::BoardWindow<LocksPage>;

private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, ThemeChoice::Light); }

    void theLockTreeNeverScrollsSideways_data()
    {
        QTest::addColumn<QSize>("size");
        for (const QSize size : {QSize(1000, 700), QSize(1280, 800), QSize(1920, 1080)})
            QTest::addRow("%d", size.width()) << size;
    }
    void theLockTreeNeverScrollsSideways()
    {
        QFETCH(const QSize, size);
        Window window(size);
        auto demo = server(QStringLiteral("production-eu-west-1"), window.clock);
        auto other = server(QStringLiteral("production-us-east-1"), window.clock);
        demo->locks = std::make_shared<LockSnapshot>(longWaits(window.clock.at));
        window.page->setSnapshots({{demo->name, demo}, {other->name, other}});
        auto *tree = window.page->template findChild<DataTree *>();
        QTest::qWait(100); // the columns are fitted once the rows are in
        for (int second = 0; second < 3; ++second) {
            QCOMPARE(tree->horizontalScrollBar()->maximum(), 0);
            QCOMPARE(test::elided(*tree, *tree->header(), {}), QStringList());
            // A wait grows longer, and so do its words.
            window.clock.at += 55min;
            auto later = std::make_shared<ServerSnapshot>(*demo);
            later->takenAt = window.clock.at;
            window.page->setSnapshots({{later->name, later}, {other->name, other}});
            QTest::qWait(1'100);
        }
        QVERIFY(!tree->header()->isSectionHidden(LockTreeModel::Who));
        QVERIFY(!tree->header()->isSectionHidden(LockTreeModel::Waiting));
    }

    void theEarlierWaitsNeverScrollSideways_data() { theLockTreeNeverScrollsSideways_data(); }
    void theEarlierWaitsNeverScrollSideways()
    {
        QFETCH(const QSize, size);
        Window window(size);
        auto demo = server(QStringLiteral("production-eu-west-1"), window.clock);
        auto other = server(QStringLiteral("production-us-east-1"), window.clock);
        QVERIFY(window.history->addLockSample(systemIdentifierOf(*demo), longWaits(window.clock.at - 2h)));
        window.page->setSnapshots({{demo->name, demo}, {other->name, other}});
        DataTable *table = nullptr;
        for (DataTable *each : window.page->template findChildren<DataTable *>())
            table = each;
        QTRY_VERIFY(table->proxy()->rowCount() > 0);
        QTest::qWait(100);
        QCOMPARE(table->horizontalScrollBar()->maximum(), 0);
        QCOMPARE(test::elided(*table, *table->horizontalHeader(), {"from", "waited"}), QStringList());
    }

    void roomThatComesBackIsUsed()
    {
        Window window({1000, 700});
        auto demo = server(QStringLiteral("demo"), window.clock);
        demo->locks = std::make_shared<LockSnapshot>(longWaits(window.clock.at));
        window.show(demo);
        auto *tree = window.page->template findChild<DataTree *>();
        QTest::qWait(100);
        window.window.resize(2'400, 800);
        QTest::qWait(100);
        QCOMPARE(tree->horizontalScrollBar()->maximum(), 0);
        QCOMPARE(test::elided(*tree, *tree->header(), {"lock", "blocks", "pid"}), QStringList());
    }
};

QTEST_MAIN(TstColumnFit)
#include "tst_columnfit.moc"
