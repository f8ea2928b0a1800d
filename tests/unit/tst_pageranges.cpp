// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/pageranges.h"

#include <QRandomGenerator>
#include <QTest>

#include <algorithm>

using namespace tidemark;
using namespace std::chrono_literals;

/// Each page is dealt out once, whoever asks in whatever order.
class TstPageRanges : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyPageIsDealtOutOnceWhateverWasDoneBefore()
    {
        const quint32 seed = QRandomGenerator::global()->generate();
        qInfo("seed %u", seed);
        QRandomGenerator random(seed);
        for (int round = 0; round < 500; ++round) {
            const qint64 pages = random.bounded(1, 5'000);
            const int workers = random.bounded(1, 6);
            std::vector<int> dealt(static_cast<std::size_t>(pages), 0);
            PageRanges ranges(pages, random.bounded(1, 400), workers, 100);
            qsizetype left = 0;
            qint64 at = 0;
            for (int number = 0; number < 5 && at + 10 < pages; ++number) {
                const qint64 from = at + random.bounded(10);
                at = std::min<qint64>(pages, from + random.bounded(1, 300));
                const bool isDone = random.bounded(2) == 0;
                ranges.resume({number, from, at, true}, isDone);
                left += isDone ? 0 : 1;
                for (qint64 page = from; isDone && page < at; ++page)
                    ++dealt[static_cast<std::size_t>(page)];
            }
            std::vector<int> numbers;
            std::vector<bool> isThrough(static_cast<std::size_t>(workers), false);
            while (std::find(isThrough.begin(), isThrough.end(), false) != isThrough.end()) {
                const int worker = random.bounded(1, workers + 1);
                const auto range = ranges.take(worker);
                if (!range) {
                    isThrough[static_cast<std::size_t>(worker - 1)] = true;
                    continue;
                }
                QVERIFY(range->from < range->to);
                QCOMPARE(range->isClaimed, left > 0);
                left -= left > 0 ? 1 : 0;
                numbers.push_back(range->number);
                for (qint64 page = range->from; page < range->to; ++page)
                    ++dealt[static_cast<std::size_t>(page)];
                ranges.learn(*range, Millis(random.bounded(1, 2'000)), 500ms);
            }
            QVERIFY(std::all_of(dealt.begin(), dealt.end(), [](int times) { return times == 1; }));
            std::sort(numbers.begin(), numbers.end());
            QVERIFY(std::adjacent_find(numbers.begin(), numbers.end()) == numbers.end());
        }
    }

    void workersBeginFarFromEachOther()
    {
        PageRanges ranges(10'000, 100, 2);
        QCOMPARE(ranges.take(1), (PageRange{0, 0, 100, false}));
        QCOMPARE(ranges.take(2), (PageRange{1, 5'050, 5'150, false}));
        QCOMPARE(ranges.take(1), (PageRange{2, 100, 200, false}));
    }

    void whoIsThroughTakesHalfOfTheLongestStretch()
    {
        PageRanges ranges(10'000, 100, 2);
        static_cast<void>(ranges.take(1));
        while (ranges.take(2)->to < 10'000) {}
        QCOMPARE(ranges.take(2)->from, 100 + 4'950 / 2);
    }

    void theLastRangesAreSmallSoThatNobodyIsWaitedForLong()
    {
        PageRanges ranges(4'000, 1'000, 2);
        qint64 last = 0;
        while (const auto range = ranges.take(1))
            last = range->to - range->from;
        QVERIFY2(last <= 1'000 / 8, qPrintable(QString::number(last)));
    }

    void rangesFollowTheTimeTheyTook()
    {
        PageRanges ranges(1'000'000, 1'000, 1);
        auto range = ranges.take(1);
        QCOMPARE(range->to - range->from, 1'000);
        ranges.learn(*range, 250ms, 500ms);
        range = ranges.take(1);
        QCOMPARE(range->to - range->from, 1'500);
        ranges.learn(*range, 5s, 500ms);
        range = ranges.take(1);
        QCOMPARE(range->to - range->from, 937);
    }
};

QTEST_APPLESS_MAIN(TstPageRanges)
#include "tst_pageranges.moc"
