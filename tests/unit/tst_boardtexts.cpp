// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/partitionstatus.h"
#include "ui/models/severity.h"
#include "ui/models/texts.h"

#include <QTest>

using namespace tidemark;
using namespace tidemark::ui;
using namespace std::chrono_literals;

class BoardTexts : public QObject
{
    Q_OBJECT

private:
    static constexpr Instant now = Instant(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + 12h);

    static LastRefresh at(Confidence confidence, Millis ago)
    {
        return {confidence, RefreshSource::CommitTimestamp, now - ago, std::nullopt, false};
    }
    static LastRefresh between(Millis from, Millis to)
    {
        return {Confidence::Bracketed, RefreshSource::XidClock, now - to, TimeRange{now - from, now - to}, false};
    }

private Q_SLOTS:
    void initTestCase() { qputenv("TZ", "UTC"); }

    void aBracketIsNeverWrittenAsAPoint_data()
    {
        QTest::addColumn<qint64>("from");
        QTest::addColumn<qint64>("to");
        QTest::addColumn<QString>("age");
        QTest::addColumn<QString>("badge");
        const auto ms = [](auto length) { return qint64(Millis(length).count()); };
        QTest::newRow("minutes") << ms(6min + 58s) << ms(5min) << "5–7 min ago"
                                 << "≈ 11:53–11:55";
        QTest::newRow("narrow beside its age") << ms(8min + 2s) << ms(8min) << "≈ 8 min 02 s ago"
                                               << "≈ 11:51–11:52";
        QTest::newRow("within a minute") << ms(50s) << ms(20s) << "20–50 s ago"
                                         << "≈ 11:59:10–11:59:40";
        QTest::newRow("up to now") << ms(3h) << ms(0s) << "0–3 h ago"
                                   << "≈ 09:00–12:00";
        QTest::newRow("days") << ms(73h) << ms(49h) << "2–4 d ago"
                              << "≈ 26 Feb 11:00–27 Feb 11:00";
    }
    void aBracketIsNeverWrittenAsAPoint()
    {
        QFETCH(qint64, from);
        QFETCH(qint64, to);
        const LastRefresh refresh = between(Millis(from), Millis(to));
        QTEST(texts::age(refresh, now), "age");
        QTEST(texts::badge(refresh, now), "badge");
    }

    void unknownSaysWhatIsUnknown()
    {
        Refreshable row;
        QVERIFY(texts::statusReason(row, now).startsWith(QStringLiteral("Nothing that this server offers")));
        row.lastRefresh = at(Confidence::Commit, 21s);
        row.notJudgedBecause = QStringLiteral("it reads a foreign table");
        QCOMPARE(freshnessStatus(row, now), FreshnessStatus::Unknown);
        const QString reason = texts::statusReason(row, now);
        QVERIFY2(reason.contains(QStringLiteral("is known")) && reason.contains(row.notJudgedBecause),
                 qPrintable(reason));
        row.lastRefresh = at(Confidence::AtLeast, 3h);
        row.notJudgedBecause.clear();
        QVERIFY2(texts::statusReason(row, now).startsWith(QStringLiteral("Not refreshed since")),
                 qPrintable(texts::statusReason(row, now)));
    }

    void eachConfidenceHasItsWords_data()
    {
        QTest::addColumn<int>("confidence");
        QTest::addColumn<QString>("age");
        QTest::addColumn<QString>("badge");
        QTest::newRow("exact") << int(Confidence::Exact) << "3 h 05 min ago"
                               << "exact";
        QTest::newRow("commit") << int(Confidence::Commit) << "3 h 05 min ago"
                                << "commit";
        QTest::newRow("at least") << int(Confidence::AtLeast) << "≥ 3 h 05 min ago"
                                  << "≥ 3 h 05 min";
        QTest::newRow("unknown") << int(Confidence::Unknown) << "unknown"
                                 << "unknown";
        QTest::newRow("a bracket without its ends") << int(Confidence::Bracketed) << "3 h 05 min ago"
                                                    << "unknown";
    }
    void eachConfidenceHasItsWords()
    {
        QFETCH(int, confidence);
        const LastRefresh refresh = at(static_cast<Confidence>(confidence), 3h + 5min);
        if (refresh.confidence != Confidence::Bracketed)
            QTEST(texts::age(refresh, now), "age");
        QTEST(texts::badge(refresh, now), "badge");
    }

    void aProbableRefreshIsMarkedWhereverItIsShown()
    {
        Refreshable row;
        row.lastRefresh = at(Confidence::Commit, 3h);
        row.lastRefresh.probable = true;
        QCOMPARE(texts::badge(row.lastRefresh, now), QStringLiteral("commit?"));
        QVERIFY(texts::explained(row.lastRefresh).contains(texts::doubt()));
        QVERIFY(texts::statusReason(row, now).contains(texts::doubt()));
        row.lastRefresh = between(20min, 10min);
        row.lastRefresh.probable = true;
        QVERIFY(texts::badge(row.lastRefresh, now).endsWith(QLatin1Char('?')));
    }

    void aProbableRefreshKeepsNoTarget()
    {
        Refreshable row;
        row.lastRefresh = at(Confidence::Commit, 1h);
        row.target = 2h;
        QCOMPARE(isBreached(row, now), std::optional(false));
        row.lastRefresh.probable = true; // if it was none, the last one is older
        QCOMPARE(isBreached(row, now), std::optional<bool>());
        QCOMPARE(freshnessStatus(row, now), FreshnessStatus::Unknown);
        row.target = 30min;
        QCOMPARE(isBreached(row, now), std::optional(true));
    }

    void whatIsRolledBackIsSaidToBeCounted()
    {
        Refreshable row;
        row.sourceChanges = 3;
        QVERIFY(texts::changesReason(row).contains(QStringLiteral("Rolled back")));
    }

    void anUnjudgedViewSaysWhy()
    {
        Refreshable view;
        QCOMPARE(texts::changes(view), QStringLiteral("not judged"));
        view.sourceChanges = 12;
        view.notJudgedBecause = QStringLiteral("it reads a foreign table");
        QCOMPARE(texts::changes(view), QStringLiteral("≥ 12"));
        QVERIFY(texts::changesReason(view).contains(view.notJudgedBecause));
        view.sourceChanges = 0;
        QCOMPARE(texts::changes(view), QStringLiteral("not judged"));
        QVERIFY(texts::changesReason(view).contains(view.notJudgedBecause));
        view.notJudgedBecause.clear();
        view.sourceChanges = 0;
        QCOMPARE(texts::changes(view), QStringLiteral("none"));
    }

    void progressPromisesNothingItCannotKnow()
    {
        RunningRefresh running;
        running.startedAt = now - 12s;
        QCOMPARE(texts::progress(running, now), QStringLiteral("running 12 s"));
        QVERIFY(!texts::progressShare(running, now));
        running.expected = 42s;
        QCOMPARE(texts::progress(running, now), QStringLiteral("running 12 s, about 30 s left"));
        running.expected = 8s;
        QCOMPARE(texts::progress(running, now), QStringLiteral("running 12 s, usually done in 8.0 s"));
        QVERIFY(*texts::progressShare(running, now) < 1);
    }

    void boundsOfWholeDaysHaveNoClock()
    {
        Partition partition;
        partition.from = {Bound::Kind::Value, QStringLiteral("2026-03-01 00:00:00+00"), 0};
        partition.to = {Bound::Kind::Value, QStringLiteral("2026-03-02 00:00:00+00"), 1};
        QCOMPARE(texts::boundText(partition), QStringLiteral("2026-03-01 to 2026-03-02"));
        partition.to.text = QStringLiteral("2026-03-01 06:00:00+00");
        QCOMPARE(texts::boundText(partition), QStringLiteral("2026-03-01 00:00:00+00 to 2026-03-01 06:00:00+00"));
        partition.from = {Bound::Kind::MinValue, {}, {}};
        QCOMPARE(texts::boundText(partition), QStringLiteral("MINVALUE to 2026-03-01 06:00:00+00"));
        Partition listed;
        listed.boundText = QStringLiteral("FOR VALUES IN ('eu')");
        QCOMPARE(texts::boundText(listed), listed.boundText);
    }

    void healthTellsTheWorstFirst()
    {
        PartitionedTable table;
        table.strategy = PartitionStrategy::Range;
        table.unit = BoundUnit::Time;
        QCOMPARE(partitionHealth(table, 48h, now), PartitionHealth::Good);
        table.gaps.push_back({});
        QCOMPARE(partitionHealth(table, 48h, now), PartitionHealth::Gaps);
        table.problem = QStringLiteral("a bound could not be read");
        QCOMPARE(partitionHealth(table, 48h, now), PartitionHealth::Unread);
        table.runsOut = true;
        table.runwayUntil = now + 47h;
        QCOMPARE(partitionHealth(table, 48h, now), PartitionHealth::RunsShort);
        QVERIFY(healthReason(table, 48h, now).contains(QStringLiteral("the limit is 2 d")));
        QCOMPARE(partitionHealth(table, {}, now), PartitionHealth::Unread);
        table.defaultRows = 0;
        QCOMPARE(partitionHealth(table, 48h, now), PartitionHealth::RunsShort);
        table.defaultRows = 3;
        QCOMPARE(partitionHealth(table, 48h, now), PartitionHealth::DefaultFills);
        table.detachPending = true;
        QCOMPARE(partitionHealth(table, 48h, now), PartitionHealth::Broken);
        table.detachPending = false;
        table.overlaps.push_back({1, 2});
        QCOMPARE(partitionHealth(table, 48h, now), PartitionHealth::Broken);
        table.runwayUntil = now;
        QCOMPARE(partitionHealth(table, 48h, now), PartitionHealth::RanOut);
        QVERIFY(!healthReason(table, 48h, now).isEmpty());
    }

    void theOrderOfHealthIsThatOfItsSeverity()
    {
        Severity before = Severity::Critical;
        for (int health = 0; health <= static_cast<int>(PartitionHealth::Good); ++health) {
            const Severity severity = severityOf(static_cast<PartitionHealth>(health));
            QCOMPARE(worse(before, severity), before);
            before = severity;
        }
    }

    void timeRangesBelowAListHaveARunway()
    {
        PartitionedTable table;
        table.strategy = PartitionStrategy::List;
        table.unit = BoundUnit::Text;
        QCOMPARE(texts::runway(table, now), QStringLiteral("not by time"));
        table.runsOut = true;
        table.runwayUntil = now + 61h;
        QCOMPARE(texts::runway(table, now), QStringLiteral("2 d 13 h left"));
        QCOMPARE(partitionHealth(table, 72h, now), PartitionHealth::RunsShort);
    }

    void aFreshPartitionWithIndexesIsStillEmpty()
    {
        Partition partition;
        partition.bytesEstimate = 24'576;
        partition.from.axis = toEpochMicros(now + 1h);
        QVERIFY(isPremade(partition, now));
        partition.modifications = 1;
        QVERIFY(!isPremade(partition, now));
        QCOMPARE(partitionState(partition, now), PartitionState::Plain);
    }
};

QTEST_APPLESS_MAIN(BoardTexts)
#include "tst_boardtexts.moc"
