// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/statement.h"
#include "tests/gui/boardwindow.h"
#include "tests/gui/handmadefeed.h"
#include "tests/support/boarddata.h"
#include "ui/charts/chart.h"
#include "ui/pages/historypage.h"
#include "ui/pages/lockspage.h"
#include "ui/pages/overviewpage.h"
#include "ui/services/recentsamples.h"
#include "ui/widgets/messagebar.h"

using namespace tidemark;
using namespace tidemark::ui;

namespace {

void breakStore(LocalStore &store)
{
    const Status broken = store.write([](SQLite::Database &db) {
        for (const char *table : {"refresh", "lock_episode", "overhead_sample", "alert"})
            db.exec(std::string("ALTER TABLE ") + table + " RENAME TO lost_" + table);
    });
    QVERIFY2(broken, broken ? "" : qPrintable(broken.error().summary()));
}

void mendStore(LocalStore &store)
{
    QVERIFY(store.write([](SQLite::Database &db) {
        for (const char *table : {"refresh", "lock_episode", "overhead_sample", "alert"})
            db.exec(std::string("ALTER TABLE lost_") + table + " RENAME TO " + table);
    }));
}

bool says(const QWidget &page, const QString &text)
{
    const auto labels = page.findChildren<QLabel *>();
    return std::any_of(labels.begin(), labels.end(),
                       [&](const QLabel *label) { return label->isVisible() && label->text().contains(text); });
}

QString banner(const QWidget &page)
{
    for (const MessageBar *bar : page.findChildren<MessageBar *>()) {
        if (bar->isVisible())
            return bar->plainText();
    }
    return {};
}

} // namespace

/// A local store that fails is a failure, and never the news that nothing happened.
class UnreadableStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, ThemeChoice::Light); }

    void locksDoNotSayThatNobodyWaited()
    {
        test::BoardWindow<LocksPage> window;
        breakStore(*window.store);
        auto server = test::demoServer(QStringLiteral("demo"), window.clock.at);
        server->locks = std::make_shared<LockSnapshot>();
        window.show(server);
        QTRY_VERIFY2(banner(*window.page).contains(QLatin1String("lock_episode")), qPrintable(banner(*window.page)));
        QVERIFY(!says(*window.page, QStringLiteral("No wait was recorded")));
        QVERIFY(!says(*window.page, QStringLiteral("Nothing was recorded")));
        QCOMPARE(window.page->state(), Page::State::Stale);

        // A wait from before the failure is still read once the store answers again.
        mendStore(*window.store);
        LockSnapshot waits = test::chainOfThree(window.clock.at - std::chrono::hours(2));
        const QString identifier = systemIdentifierOf(*server);
        QVERIFY(window.history->addLockSample(identifier, waits));
        window.clock.at += std::chrono::seconds(6);
        window.show(server);
        QTRY_VERIFY(says(*window.page, QStringLiteral("The last wait ended")));
        QVERIFY(banner(*window.page).isEmpty());
        QCOMPARE(window.page->state(), Page::State::Live);
    }

    void theHistoryDoesNotSayThatNothingWasRefreshed()
    {
        test::BoardWindow<HistoryPage> window;
        breakStore(*window.store);
        auto server = test::serverWith(QStringLiteral("demo"), QStringLiteral("plays"), window.clock.at,
                                       std::make_shared<FreshnessSnapshot>());
        window.show(server);
        QTRY_VERIFY2(banner(*window.page).contains(QLatin1String("refresh")), qPrintable(banner(*window.page)));
        QVERIFY(!says(*window.page, QStringLiteral("No refresh seen")));
        QCOMPARE(window.page->state(), Page::State::Stale);
        QVERIFY(!window.page->trouble().isEmpty());
    }

    void theOverviewSaysWhyNoHistoryIsKept()
    {
        test::StandingClock clock;
        AsyncRunner runner;
        test::HandMadeFeed feed;
        RecentSamples samples(feed);
        PageContext context;
        context.clock = &clock;
        context.runner = &runner;
        context.storeError = Error::local(QStringLiteral("the local store is damaged"),
                                          QStringLiteral("Move it away."));
        const ServerSnapshotPtr server = test::demoServer(QStringLiteral("demo"), clock.at);
        {
            OverviewPage page(context, samples); // from the start
            page.resize(1280, 800);
            page.show();
            page.setSnapshots({{server->name, server}});
            QVERIFY2(banner(page).contains(QLatin1String("the local store is damaged")), qPrintable(banner(page)));
            QVERIFY2(banner(page).contains(QLatin1String("Move it away.")), qPrintable(banner(page)));
        }
        context.storeError.reset();
        OverviewPage page(context, samples); // and while it runs
        page.resize(1280, 800);
        page.show();
        page.setSnapshots({{server->name, server}});
        QVERIFY(banner(page).isEmpty());
        auto full = std::make_shared<ServerSnapshot>(*server);
        full->storeError = Error::local(QStringLiteral("the disk is full"));
        page.setSnapshots({{full->name, full}});
        QVERIFY2(banner(page).contains(QLatin1String("the disk is full")), qPrintable(banner(page)));
        page.setSnapshots({{server->name, server}});
        QVERIFY(banner(page).isEmpty());
    }

    void withoutAStoreNoPageSaysThatNothingHappened_data()
    {
        QTest::addColumn<bool>("fromTheStart");
        QTest::newRow("never opened") << true;
        QTest::newRow("takes nothing now") << false;
    }
    void withoutAStoreNoPageSaysThatNothingHappened()
    {
        QFETCH(const bool, fromTheStart);
        const Error newer = Error::local(QStringLiteral("the local store is of a newer Tidemark"),
                                         QStringLiteral("Install that one."));
        test::StandingClock clock;
        AsyncRunner runner;
        PageContext context;
        context.clock = &clock;
        context.runner = &runner;
        if (fromTheStart)
            context.storeError = newer;
        else
            context.history = std::make_shared<HistoryStore>(LocalStore::inMemory().value());
        auto server = test::serverWith(QStringLiteral("demo"), QStringLiteral("plays"), clock.at,
                                       std::make_shared<FreshnessSnapshot>());
        server->locks = std::make_shared<LockSnapshot>();
        if (!fromTheStart)
            server->storeError = newer;
        const auto isHonest = [&](Page &page) {
            page.resize(1280, 800);
            page.show();
            page.setSnapshots({{server->name, server}});
            QTRY_VERIFY(page.isFilled());
            QTest::qWait(50); // what was read has come
            QVERIFY2(banner(page).contains(QLatin1String("newer Tidemark")), qPrintable(banner(page)));
            QVERIFY2(banner(page).contains(QLatin1String("Install that one.")), qPrintable(banner(page)));
            QVERIFY2(page.trouble().contains(QLatin1String("newer Tidemark")), qPrintable(page.trouble()));
            for (const char *untrue : {"No refresh seen", "Nothing was recorded", "No wait was recorded"})
                QVERIFY2(!says(page, QLatin1String(untrue)), untrue);
        };
        HistoryPage history(context);
        isHonest(history);
        QVERIFY(says(history, QStringLiteral("What happened is not known.")));
        LocksPage locks(context);
        isHonest(locks);
        QVERIFY(says(locks, QStringLiteral("Nobody waits.")));
        QVERIFY(says(locks, QStringLiteral("The waits of the last day are not known.")));
        QVERIFY(says(locks, QStringLiteral("What happened is not known.")));
    }

    void theOverviewDoesNotSayThatNothingWasRecorded()
    {
        test::StandingClock clock;
        AsyncRunner runner;
        auto store = LocalStore::inMemory().value();
        test::HandMadeFeed feed;
        RecentSamples samples(feed);
        PageContext context;
        context.clock = &clock;
        context.runner = &runner;
        context.history = std::make_shared<HistoryStore>(store);
        breakStore(*store);
        OverviewPage page(context, samples);
        page.resize(1280, 800);
        page.show();
        const ServerSnapshotPtr server = test::demoServer(QStringLiteral("demo"), clock.at);
        page.setSnapshots({{server->name, server}});
        QTRY_VERIFY(!banner(page).isEmpty());
        QVERIFY(!says(page, QStringLiteral("Nothing was recorded")));
        QVERIFY(!says(page, QStringLiteral("events in the last hour")));
        QVERIFY(says(page, QStringLiteral("cannot be read")));
    }
};

QTEST_MAIN(UnreadableStore)
#include "tst_unreadablestore.moc"
