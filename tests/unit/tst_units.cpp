// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/units.h"

#include <QTest>

using namespace tidemark;

namespace {

// A number and its unit never part at the end of a line.
QString unbroken(const char *text)
{
    return QString::fromLatin1(text).replace(QLatin1Char('~'), QChar(0x00a0));
}

} // namespace

class TstUnits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sizesStepAt1024_data()
    {
        QTest::addColumn<qint64>("bytes");
        QTest::addColumn<QString>("text");
        const auto row = [](qint64 bytes, const char *text) { QTest::newRow(text) << bytes << unbroken(text); };
        row(0, "0~bytes");
        row(1023, "1023~bytes");
        row(1024, "1.0~kB");
        row(8192, "8.0~kB");
        row(1024 * 1024 - 1, "1.0~MB");
        row(15'247'333'785, "14.2~GB");
        row(-8192, "-8.0~kB");
        row(std::numeric_limits<qint64>::max(), "8192.0~PB");
    }

    void sizesStepAt1024()
    {
        QFETCH(const qint64, bytes);
        QFETCH(const QString, text);
        QCOMPARE(units::bytes(bytes), text);
    }

    void sizesSpeakTheLocale() { QCOMPARE(units::bytes(1536, QLocale(QLocale::German)), unbroken("1,5~kB")); }

    void countsKeepTheirMagnitude_data()
    {
        QTest::addColumn<qint64>("count");
        QTest::addColumn<QString>("text");
        const auto row = [](qint64 count, const char *text) { QTest::newRow(text) << count << unbroken(text); };
        row(0, "0");
        row(950, "950");
        row(1'234, "1.2~k");
        row(999'949, "999.9~k");
        row(999'999, "1.0~M");
        row(20'000'000, "20.0~M");
        row(-1'200, "-1.2~k");
    }

    void countsKeepTheirMagnitude()
    {
        QFETCH(const qint64, count);
        QFETCH(const QString, text);
        QCOMPARE(units::roughCount(count), text);
    }

    void durationsHaveAtMostTwoUnits_data()
    {
        QTest::addColumn<qint64>("ms");
        QTest::addColumn<QString>("text");
        const auto row = [](qint64 ms, const char *text) { QTest::newRow(text) << ms << QString::fromLatin1(text); };
        row(0, "0 ms");
        row(340, "340 ms");
        row(1'000, "1.0 s");
        row(9'999, "9.9 s");
        row(12'345, "12 s");
        row(59'999, "59 s");
        row(60'000, "1 min");
        row(250'000, "4 min 10 s");
        row(3'600'000, "1 h");
        row(3 * 3'600'000 + 5 * 60'000 + 59'000, "3 h 05 min");
        row(52LL * 3'600'000, "2 d 04 h");
        row(-250'000, "-4 min 10 s");
    }

    void durationsHaveAtMostTwoUnits()
    {
        QFETCH(const qint64, ms);
        QFETCH(const QString, text);
        QCOMPARE(units::duration(Millis(ms)), text);
    }

    void agesAreSeenFromNow_data()
    {
        QTest::addColumn<qint64>("msAgo");
        QTest::addColumn<QString>("text");
        QTest::newRow("this moment") << qint64(0) << QStringLiteral("now");
        QTest::newRow("clocks that differ a little") << qint64(-900) << QStringLiteral("now");
        QTest::newRow("seconds have no fraction") << qint64(4'700) << QStringLiteral("4 s ago");
        QTest::newRow("minutes") << qint64(250'000) << QStringLiteral("4 min 10 s ago");
        QTest::newRow("to come") << qint64(-3 * 3'600'000) << QStringLiteral("in 3 h");
    }

    void agesAreSeenFromNow()
    {
        QFETCH(const qint64, msAgo);
        QFETCH(const QString, text);
        const Instant now = fromEpochMicros(1'772'366'400'000'000);
        QCOMPARE(units::age(now - Millis(msAgo), now), text);
    }

    void durationsAreReadAsPeopleWriteThem_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<qint64>("ms"); // -1: not a duration
        const auto row = [](const char *text, qint64 ms) { QTest::newRow(text) << QString::fromLatin1(text) << ms; };
        row("90", 90'000);
        row("0", 0);
        row("90s", 90'000);
        row("5 sec", 5'000);
        row("5 min", 300'000);
        row("5m", 300'000);
        row("250ms", 250);
        row("1.5h", 5'400'000);
        row("1h30m", 5'400'000);
        row("1h 30m 5s", 5'405'000);
        row("2 d", 172'800'000);
        row("  2 D  ", 172'800'000);
        row("", -1);
        row("  ", -1);
        row("-5s", -1);
        row("5 parsecs", -1);
        row("s", -1);
        row("1h30", -1);
        row("1 5", -1);
        row("5..5s", -1);
        row("99999999999999999999d", -1);
    }

    void durationsAreReadAsPeopleWriteThem()
    {
        QFETCH(const QString, text);
        QFETCH(const qint64, ms);
        const auto read = units::parseDuration(text);
        QCOMPARE(read ? qint64(read->count()) : -1, ms);
    }

    void whatDurationWritesParseDurationReads()
    {
        for (const qint64 ms : {340LL, 12'000LL, 250'000LL, 3'600'000LL, 187'200'000LL})
            QCOMPARE(units::parseDuration(units::duration(Millis(ms))), Millis(ms));
    }
};

QTEST_GUILESS_MAIN(TstUnits)
#include "tst_units.moc"
