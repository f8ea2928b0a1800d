// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/partitionbound.h"

#include <QRandomGenerator>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace tidemark;

/// What PostgreSQL prints of a partition's bounds, read.
class PartitionBoundTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void boundsAreReadOnTheFirstKey_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<BoundUnit>("unit");
        QTest::addColumn<Bound>("from");
        QTest::addColumn<Bound>("to");
        using Kind = Bound::Kind;
        const auto moment = [](const char *text) { return toEpochMicros(*parseTimestamp(QString::fromLatin1(text))); };

        QTest::newRow("timestamptz") << "FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2024-02-01 00:00:00+00')"
                                     << BoundUnit::Time
                                     << Bound{Kind::Value, u"2024-01-01 00:00:00+00"_s, moment("2024-01-01")}
                                     << Bound{Kind::Value, u"2024-02-01 00:00:00+00"_s, moment("2024-02-01")};
        QTest::newRow("date, several columns, open ends")
            << "FOR VALUES FROM ('2024-01-01', MINVALUE, 5) TO (MAXVALUE, MAXVALUE, MAXVALUE)" << BoundUnit::Time
            << Bound{Kind::Value,
                     u"2024-01-01"_s,
                     moment("2024-01-01"),
                     {Bound{Kind::MinValue, u"MINVALUE"_s, {}}, Bound{Kind::Value, u"5"_s, {}}}}
            << Bound{Kind::MaxValue,
                     u"MAXVALUE"_s,
                     {},
                     {Bound{Kind::MaxValue, u"MAXVALUE"_s, {}}, Bound{Kind::MaxValue, u"MAXVALUE"_s, {}}}};
        QTest::newRow("infinite ends bound nothing")
            << "FOR VALUES FROM ('-infinity') TO ('infinity')" << BoundUnit::Time
            << Bound{Kind::MinValue, u"-infinity"_s, {}} << Bound{Kind::MaxValue, u"infinity"_s, {}};
        QTest::newRow("before Christ") << "FOR VALUES FROM (MINVALUE) TO ('0044-03-15 BC')" << BoundUnit::Time
                                       << Bound{Kind::MinValue, u"MINVALUE"_s, {}}
                                       << Bound{Kind::Value, u"0044-03-15 BC"_s, moment("0044-03-15 BC")};
        QTest::newRow("negative integers are printed in quotes")
            << "FOR VALUES FROM ('-10') TO (10)" << BoundUnit::Integer << Bound{Kind::Value, u"-10"_s, -10}
            << Bound{Kind::Value, u"10"_s, 10};
        QTest::newRow("bigint is printed in quotes")
            << "FOR VALUES FROM ('9223372036854775806') TO ('9223372036854775807')" << BoundUnit::Integer
            << Bound{Kind::Value, u"9223372036854775806"_s, 9223372036854775806LL}
            << Bound{Kind::Value, u"9223372036854775807"_s, 9223372036854775807LL};
        QTest::newRow("a numeric with a fraction has no place on the axis")
            << "FOR VALUES FROM (1.5) TO (2)" << BoundUnit::Integer << Bound{Kind::Value, u"1.5"_s, {}}
            << Bound{Kind::Value, u"2"_s, 2};
        QTest::newRow("text that looks like our own syntax")
            << "FOR VALUES FROM ('O''Brien, (x) TO (', 'b') TO (') FROM (''MAXVALUE''', 'c')" << BoundUnit::Text
            << Bound{Kind::Value, u"O'Brien, (x) TO ("_s, {}, {Bound{Kind::Value, u"b"_s, {}}}}
            << Bound{Kind::Value, u") FROM ('MAXVALUE'"_s, {}, {Bound{Kind::Value, u"c"_s, {}}}};
        QTest::newRow("the word MAXVALUE as a value")
            << "FOR VALUES FROM ('MAXVALUE') TO (MAXVALUE)" << BoundUnit::Text << Bound{Kind::Value, u"MAXVALUE"_s, {}}
            << Bound{Kind::MaxValue, u"MAXVALUE"_s, {}};
        QTest::newRow("an empty text, double quotes")
            << "FOR VALUES FROM ('') TO ('a\"b')" << BoundUnit::Text << Bound{Kind::Value, u""_s, {}}
            << Bound{Kind::Value, u"a\"b"_s, {}};
        for (const char *text : {"FOR VALUES IN ('a', 'it''s', NULL)", "FOR VALUES IN (NULL)", "FOR VALUES IN (1, 2)",
                                 "FOR VALUES WITH (modulus 4, remainder 3)", "DEFAULT", "", "FOR VALUES FROM ('a",
                                 "FOR VALUES FROM ('a') TO", "FOR VALUES FROM () TO ()"})
            QTest::newRow(text) << text << BoundUnit::Text << Bound{} << Bound{};
    }

    void boundsAreReadOnTheFirstKey()
    {
        QFETCH(QString, text);
        QFETCH(BoundUnit, unit);
        QFETCH(Bound, from);
        QFETCH(Bound, to);
        Partition partition;
        parseBound(text, unit, partition);
        QCOMPARE(partition.boundText, text);
        QCOMPARE(partition.isDefault, text == "DEFAULT"_L1);
        QCOMPARE(partition.from.text, from.text);
        QCOMPARE(partition.to.text, to.text);
        QVERIFY(partition.from == from);
        QVERIFY(partition.to == to);
    }

    void anyTextSurvivesABoundAndComesBack()
    {
        const quint32 seed = QRandomGenerator::global()->generate();
        qInfo("seed %u", seed);
        QRandomGenerator random(seed);
        const QString alphabet = QStringLiteral("'\",() ab\\FROMTOé");
        for (int round = 0; round < 2000; ++round) {
            const auto word = [&] {
                QString text;
                for (int i = random.bounded(8); i > 0; --i)
                    text += alphabet.at(random.bounded(alphabet.size()));
                return text;
            };
            const QString from = word();
            const QString to = word();
            const auto quoted = [](QString text) -> QString {
                return QLatin1Char('\'') + text.replace(QLatin1Char('\''), QLatin1String("''")) + QLatin1Char('\'');
            };
            Partition partition;
            const QString text = QStringLiteral("FOR VALUES FROM (") + quoted(from) + QStringLiteral(", 1) TO (")
                                 + quoted(to) + QStringLiteral(", MAXVALUE)");
            parseBound(text, BoundUnit::Text, partition);
            QCOMPARE(partition.from.text, from);
            QCOMPARE(partition.to.text, to);
        }
    }

    void checkConstraintsOfOneSimpleRangeAreRead_data()
    {
        QTest::addColumn<QString>("expression");
        QTest::addColumn<QString>("column");
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::newRow("timestamptz")
            << "((at >= '2024-01-01 00:00:00+00'::timestamp with time zone) AND (at < '2024-02-01 "
               "00:00:00+00'::timestamp with time zone))"
            << "at"
            << "2024-01-01 00:00:00+00"
            << "2024-02-01 00:00:00+00";
        QTest::newRow("precision") << "((at >= '2024-01-01 00:00:00'::timestamp(3) without time zone) AND (at <= "
                                      "'2024-01-31 23:59:59.999999'::timestamp(3) without time zone))"
                                   << "at"
                                   << "2024-01-01 00:00:00"
                                   << "2024-02-01 00:00:00";
        QTest::newRow("dates, BETWEEN") << "((d >= '2024-01-01'::date) AND (d <= '2024-01-31'::date))"
                                        << "d"
                                        << "2024-01-01"
                                        << "2024-02-01";
        QTest::newRow("integers, a column that needs quotes")
            << "((\"Day \"\"x\"\"\" > 9) AND (\"Day \"\"x\"\"\" <= 20))"
            << "Day \"x\""
            << "10"
            << "21";
        QTest::newRow("negative, bigint, equality") << "(k = '-5'::bigint)"
                                                    << "k"
                                                    << "-5"
                                                    << "-4";
        QTest::newRow("one end only") << "(k >= 100)"
                                      << "k"
                                      << "100"
                                      << "MAXVALUE";
        QTest::newRow("the tighter end counts") << "(((k >= 1) AND (k >= 3)) AND (k < 9) AND (k < 7))"
                                                << "k"
                                                << "3"
                                                << "7";
        QTest::newRow("text") << "((k >= 'a''b'::text) AND (k < 'c'::text))"
                              << "k"
                              << "a'b"
                              << "c";
        for (const char *expression :
             {"(date_part('year'::text, at) = (2024)::double precision)", "((k >= 1) OR (k < 9))", "(k IS NOT NULL)",
              "((a >= 1) AND (b < 9))", "((at)::date >= '2024-01-01'::date)", "(k <> 3)", "(k <= 'z'::text)",
              "(k = ANY (ARRAY[1, 2]))", "(k >= (1 + 2))", "", "((k >= 1)", "(a >= b)"})
            QTest::newRow(expression) << expression << QString() << QString() << QString();
    }

    void checkConstraintsOfOneSimpleRangeAreRead()
    {
        QFETCH(QString, expression);
        QFETCH(QString, column);
        const auto found = parseCheck(expression);
        QCOMPARE(found.has_value(), !column.isEmpty());
        if (!found)
            return;
        QCOMPARE(found->column, column);
        QTEST(found->from.text, "from");
        QTEST(found->to.text, "to");
    }
};

QTEST_GUILESS_MAIN(PartitionBoundTest)
#include "tst_partitionbound.moc"
