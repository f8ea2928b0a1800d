// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/historystore.h"
#include "ui/models/episodewindow.h"

#include <QTest>

using namespace tidemark;
using namespace tidemark::ui;
using namespace std::chrono_literals;

class TstEpisodeWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void afterTheFirstReadingOnlyTheNewIsAskedFor()
    {
        EpisodeWindow window;
        const TimeRange first{at(0h), at(24h)};
        QVERIFY(window.toRead(first) == first);
        window.take({episode(1, at(1h), at(2h))}, first, 10);
        const TimeRange next{at(0h) + 5s, at(24h) + 5s};
        const TimeRange asked = window.toRead(next);
        QVERIFY(asked.to == next.to);
        QVERIFY(asked.from > at(23h));
        window.take({episode(2, at(24h), at(24h) + 5s)}, next, 10);
        QCOMPARE(ids(window), (QList<qint64>{2, 1}));
    }

    void whatIsToldAgainIsReplacedAndWhatLeavesTheRangeIsForgotten()
    {
        EpisodeWindow window;
        window.take({episode(1, at(1h), at(1h)), episode(2, at(23h), at(24h))}, {at(0h), at(24h)}, 10);
        LockEpisode prolonged = episode(2, at(23h), at(25h));
        prolonged.ended = true;
        window.take({prolonged}, {at(2h), at(26h)}, 10);
        QCOMPARE(ids(window), (QList<qint64>{2}));
        QVERIFY(window.episodes().front().ended);
        QVERIFY(window.episodes().front().lastSeenAt == at(25h));
    }

    void noMoreAreKeptThanMay()
    {
        EpisodeWindow window;
        std::vector<LockEpisode> many;
        for (int i = 0; i < 5; ++i)
            many.push_back(episode(i, at(1h) + std::chrono::minutes(i), at(1h) + std::chrono::minutes(i)));
        window.take(many, {at(0h), at(24h)}, 3);
        QCOMPARE(ids(window), (QList<qint64>{4, 3, 2}));
        QVERIFY(window.isCut());
    }

    void goingBackInTimeBeginsAgain()
    {
        EpisodeWindow window;
        window.take({episode(9, at(30h), at(30h))}, {at(7h), at(31h)}, 10);
        const TimeRange replayed{at(0h), at(24h)};
        QVERIFY(window.toRead(replayed) == replayed);
        window.take({episode(1, at(1h), at(2h))}, replayed, 10);
        QCOMPARE(ids(window), (QList<qint64>{1}));
    }

    void theStoreGivesThoseSeenLastAndCountsAll()
    {
        HistoryStore history(LocalStore::inMemory().value());
        for (int i = 0; i < 6; ++i) {
            LockSnapshot sample;
            sample.takenAt = at(1h) + std::chrono::minutes(5 * i);
            LockParty blocker;
            blocker.pid = 1;
            LockParty waiter;
            waiter.pid = 100 + i;
            sample.parties = {blocker, waiter};
            sample.edges = {{1, 0, false}};
            sample.waiterCount = 1;
            QVERIFY(history.addLockSample(QStringLiteral("4711"), sample));
        }
        const TimeRange day{at(0h), at(24h)};
        const auto newest = history.lockEpisodes(QStringLiteral("4711"), day, 2).value();
        QCOMPARE(newest.size(), 2U);
        QCOMPARE(newest.front().waiter.pid, 104);
        QCOMPARE(newest.back().waiter.pid, 105);
        QCOMPARE(history.countLockEpisodes(QStringLiteral("4711"), day).value(), 6);
        QCOMPARE(history.lockEpisodes(QStringLiteral("4711"), day).value().size(), 6U);
    }

private:
    static Instant at(std::chrono::seconds after) { return fromEpochMicros(1'700'000'000'000'000) + after; }
    static LockEpisode episode(qint64 id, Instant from, Instant to)
    {
        LockEpisode episode;
        episode.id = id;
        episode.firstSeenAt = from;
        episode.lastSeenAt = to;
        return episode;
    }
    static QList<qint64> ids(const EpisodeWindow &window)
    {
        QList<qint64> all;
        for (const LockEpisode &episode : window.episodes())
            all << episode.id;
        return all;
    }
};

QTEST_GUILESS_MAIN(TstEpisodeWindow)
#include "tst_episodewindow.moc"
