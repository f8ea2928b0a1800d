// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/refreshlogreader.h"

#include <QTest>

#include <set>

using namespace tidemark;

namespace {

/// A log with every id from 1 to `last`, read as the server answers.
struct Log
{
    qint64 last = 0;
    std::set<qint64> told;
    int pages = 0;

    void answer(RefreshLogReader &reader, const RefreshLogReader::Range &range)
    {
        const qint64 highest = std::min(last, range.before - 1);
        const qint64 lowest = std::max(range.after + 1, highest - RefreshLogReader::pageSize + 1);
        for (qint64 id = lowest; id <= highest; ++id)
            told.insert(id);
        reader.took(range, static_cast<int>(std::max<qint64>(0, highest - lowest + 1)), lowest, highest);
        ++pages;
    }
    void tick(RefreshLogReader &reader)
    {
        answer(reader, reader.newest());
        if (const auto skipped = reader.skipped())
            answer(reader, *skipped);
    }
};

} // namespace

class TstRefreshLogReader : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatIsMoreThanAPageIsReadTickByTick()
    {
        RefreshLogReader reader;
        reader.begin(RefreshLogMark{1, 1000});
        Log log{4321, {}, 0};
        log.tick(reader);
        QVERIFY(log.told.contains(4321)); // the newest first
        QVERIFY(!reader.readUpTo());      // not all
        int ticks = 1;
        for (; !reader.readUpTo(); ++ticks) {
            log.last += 3; // it goes on being written
            log.tick(reader);
        }
        for (qint64 id = 1001; id <= log.last; ++id)
            QVERIFY2(log.told.contains(id), qPrintable(QString::number(id)));
        QCOMPARE(*reader.readUpTo(), log.last);
        QVERIFY2(ticks <= 8 && log.pages <= 2 * ticks, qPrintable(QString::number(ticks)));
    }

    void morePagesThanOneBetweenTwoTicksAreNotLost()
    {
        RefreshLogReader reader;
        reader.begin(RefreshLogMark{1, 100});
        Log log{100, {}, 0};
        for (int tick = 0; tick < 3; ++tick) {
            log.last += 1'200;
            log.tick(reader);
        }
        while (!reader.readUpTo())
            log.tick(reader);
        for (qint64 id = 101; id <= log.last; ++id)
            QVERIFY2(log.told.contains(id), qPrintable(QString::number(id)));
    }

    void aLogNeverReadIsReadFromItsEndOnlySoFar()
    {
        RefreshLogReader reader;
        reader.begin(std::nullopt);
        Log log{10'000'000, {}, 0};
        while (!reader.readUpTo() && log.pages < 1'000)
            log.tick(reader);
        QVERIFY(log.told.size() >= 90'000U && log.told.size() <= 110'000U);
        QCOMPARE(*reader.readUpTo(), 10'000'000);
    }
};

QTEST_GUILESS_MAIN(TstRefreshLogReader)
#include "tst_refreshlogreader.moc"
