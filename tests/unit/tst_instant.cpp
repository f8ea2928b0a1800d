// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/instant.h"

#include <QRandomGenerator>
#include <QTest>

using namespace tidemark;

class TstInstant : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void peopleReadSeconds()
    {
        const auto text = [](const char *iso) { return toUtcSeconds(*parseTimestamp(QString::fromLatin1(iso))); };
        QCOMPARE(text("2026-03-01T12:00:00.999999Z"), QStringLiteral("2026-03-01 12:00:00 UTC"));
        QCOMPARE(text("1969-12-31T23:59:59.5Z"), QStringLiteral("1969-12-31 23:59:59 UTC"));
    }

    void whatPostgresPrintsIsRead_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected"); // ISO 8601 in UTC; empty: not an instant
        const auto row = [](const char *text, const char *expected) {
            QTest::newRow(text) << QString::fromLatin1(text) << QString::fromLatin1(expected);
        };
        row("2026-03-01 12:00:00+00", "2026-03-01T12:00:00Z");
        row("2026-03-01 12:00:00.5+00", "2026-03-01T12:00:00.5Z");
        row("2026-03-01 12:00:00.000001+00", "2026-03-01T12:00:00.000001Z");
        row("2026-03-01 12:00:00+02", "2026-03-01T10:00:00Z");
        row("2026-03-01 01:00:00+05:45", "2026-02-28T19:15:00Z");
        row("2026-03-01 12:00:00-03:30", "2026-03-01T15:30:00Z");
        row("1890-01-01 00:00:00-00:25:21", "1890-01-01T00:25:21Z");
        row("2026-03-01 12:00:00", "2026-03-01T12:00:00Z");
        row("2026-03-01", "2026-03-01T00:00:00Z");
        row("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z");
        row("2026-03-01T12:00:00.123+01:00", "2026-03-01T11:00:00.123Z");
        row("2024-02-29 24:00:00+00", "2024-03-01T00:00:00Z");
        row("1969-12-31 23:59:59.5+00", "1969-12-31T23:59:59.5Z");
        row("12026-03-01 12:00:00+00", "+12026-03-01T12:00:00Z");
        row("0001-01-01 00:00:00+00", "0001-01-01T00:00:00Z");
        row("0001-02-29 00:00:00+00 BC", "0000-02-29T00:00:00Z");
        row("0044-03-15 12:00:00+00 BC", "-0043-03-15T12:00:00Z");
        row("4713-11-24 BC", "-4712-11-24T00:00:00Z");
        row("infinity", "");
        row("-infinity", "");
        row("294276-12-31 23:59:59.999999+00", ""); // PostgreSQL's last; 64 bits of microseconds since 1970 end before
        row("40000-01-01 00:00:00+00", "");
        row("2026-02-29", "");
        row("2026-13-01", "");
        row("2026-03-01 25:00:00", "");
        row("2026-03-01 12:61:00", "");
        row("2026-03-01 12:00:00 PM", "");
        row("01/03/2026", "");
        row("", "");
        row("yesterday", "");
    }

    void whatPostgresPrintsIsRead()
    {
        QFETCH(const QString, text);
        QFETCH(const QString, expected);
        const auto instant = parseTimestamp(text);
        QCOMPARE(instant ? toIso8601(*instant) : QString(), expected);
    }

    void whatIsWrittenReadsBackTheSame()
    {
        const quint32 seed = QRandomGenerator::system()->generate();
        qInfo("seed %u", seed);
        QRandomGenerator random(seed);
        const qint64 first = toEpochMicros(*parseTimestamp(u"4713-01-01 BC"));
        const qint64 last = toEpochMicros(*parseTimestamp(u"32767-12-31"));
        for (int i = 0; i < 10'000; ++i) {
            const qint64 micros = first
                                  + static_cast<qint64>(random.generateDouble() * static_cast<double>(last - first));
            const Instant instant = fromEpochMicros(micros);
            const auto read = parseTimestamp(toIso8601(instant));
            QVERIFY2(read, qPrintable(toIso8601(instant)));
            QCOMPARE(toEpochMicros(*read), micros);
        }
    }

    void aDifferenceIsSigned()
    {
        const Instant noon = *parseTimestamp(u"2026-03-01 12:00:00");
        QCOMPARE(millisBetween(noon, noon + Millis(1500)), Millis(1500));
        QCOMPARE(millisBetween(noon + Millis(1500), noon), Millis(-1500));
        QCOMPARE(toEpochSeconds(fromEpochMicros(-500'000)), -0.5);
    }
};

QTEST_GUILESS_MAIN(TstInstant)
#include "tst_instant.moc"
