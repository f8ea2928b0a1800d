// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/xidclock.h"

#include <QRandomGenerator>
#include <QTest>

#include <algorithm>

using namespace tidemark;
using namespace std::chrono_literals;

namespace {

const Instant start = fromEpochMicros(1'700'000'000'000'000);

} // namespace

class TstXidClock : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anIdLiesBetweenTheSamplesAroundIt();
    void whatNoSampleSurroundsIsNotKnown();
    void idsComeRoundAfterTheEpoch();
    void anIdleServerOnlyProlongsItsNewestSample();
    void aClockRunningBackwardsIsAnotherServer();
    void everyBracketHoldsTheTruth();
};

void TstXidClock::anIdLiesBetweenTheSamplesAroundIt()
{
    XidClock clock;
    clock.add({start, 1000});
    clock.add({start + 1s, 1010});
    clock.add({start + 2s, 1020});
    QCOMPARE(clock.bracket(1000), (TimeRange{start, start + 1s}));
    QCOMPARE(clock.bracket(1009), (TimeRange{start, start + 1s}));
    QCOMPARE(clock.bracket(1010), (TimeRange{start + 1s, start + 2s}));
}

void TstXidClock::whatNoSampleSurroundsIsNotKnown()
{
    XidClock clock;
    QVERIFY(!clock.bracket(1000));
    clock.add({start, 1000});
    clock.add({start + 1s, 1010});
    QVERIFY(!clock.bracket(999));
    QVERIFY(!clock.bracket(1010)); // not given out yet: it must be of the epoch before
    for (const quint32 permanent : {0u, 1u, 2u})
        QVERIFY(!clock.bracket(permanent));
}

void TstXidClock::idsComeRoundAfterTheEpoch()
{
    const qint64 epoch = qint64(1) << 32;
    XidClock clock;
    clock.add({start, 3 * epoch - 100});
    clock.add({start + 1s, 3 * epoch - 10});
    clock.add({start + 2s, 3 * epoch + 50});
    QCOMPARE(clock.withEpoch(20), 3 * epoch + 20);
    QCOMPARE(clock.withEpoch(4294967290u), 3 * epoch - 6);
    QCOMPARE(clock.bracket(20), (TimeRange{start + 1s, start + 2s}));
    QCOMPARE(clock.bracket(4294967290u), (TimeRange{start + 1s, start + 2s}));
    QCOMPARE(clock.bracket(4294967230u), (TimeRange{start, start + 1s}));
}

void TstXidClock::anIdleServerOnlyProlongsItsNewestSample()
{
    XidClock clock;
    clock.add({start, 1000});
    for (int second = 1; second < 1000; ++second)
        clock.add({start + std::chrono::seconds(second), 1000});
    QCOMPARE(clock.size(), std::size_t(2));
    clock.add({start + 1000s, 1001});
    QCOMPARE(clock.bracket(1000), (TimeRange{start + 999s, start + 1000s}));
}

void TstXidClock::aClockRunningBackwardsIsAnotherServer()
{
    XidClock clock;
    clock.add({start, 5000});
    clock.add({start + 1s, 5010});
    clock.add({start + 2s, 700});
    clock.add({start + 3s, 710});
    QVERIFY(!clock.bracket(5005));
    QCOMPARE(clock.bracket(705), (TimeRange{start + 2s, start + 3s}));
}

void TstXidClock::everyBracketHoldsTheTruth()
{
    const quint32 seed = QRandomGenerator::global()->generate();
    qInfo("seed %u", seed);
    QRandomGenerator random(seed);
    // A day of samples, more than are kept, over the turn of an epoch.
    XidClock clock;
    std::vector<std::pair<qint64, Instant>> given; // id and when
    qint64 next = (qint64(1) << 32) - 60'000;
    for (int tick = 0; tick < 43'200; ++tick) {
        const Instant at = start + std::chrono::seconds(2 * tick);
        const int burst = random.bounded(4);
        for (int i = 0; i < burst; ++i)
            given.emplace_back(next++, at - std::chrono::milliseconds(1 + random.bounded(1'998)));
        clock.add({at, next});
    }
    int known = 0;
    for (const auto &[id, at] : given) {
        const auto bracket = clock.bracket(static_cast<quint32>(id & 0xffffffff));
        if (!bracket)
            continue;
        ++known;
        QVERIFY2(bracket->from <= at && at <= bracket->to,
                 qPrintable(QStringLiteral("id %1, seed %2").arg(id).arg(seed)));
    }
    QVERIFY(known > int(given.size() * 9 / 10));
}

QTEST_APPLESS_MAIN(TstXidClock)
#include "tst_xidclock.moc"
