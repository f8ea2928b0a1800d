// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/interval.h"
#include "core/monitor/partmanconfig.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace tidemark;

class TstInterval : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void intervalsOfEveryStyleAreRead_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<qint64>("seconds");
        QTest::newRow("postgres") << "1 year 2 mons 3 days 04:05:06"
                                  << qint64(365 + 60 + 3) * 86400 + 4 * 3600 + 5 * 60 + 6;
        QTest::newRow("negative clock") << "1 day -02:00:00" << qint64(22 * 3600);
        QTest::newRow("verbose") << "@ 7 days 2 hours" << qint64(7 * 86400 + 7200);
        QTest::newRow("ISO 8601") << "P1Y2M3DT4H5M6S" << qint64(365 + 60 + 3) * 86400 + 4 * 3600 + 5 * 60 + 6;
        QTest::newRow("as people write it") << "3 months" << qint64(90 * 86400);
        QTest::newRow("weeks, tight") << "2weeks" << qint64(14 * 86400);
        QTest::newRow("hours beyond a day") << "168:00:00" << qint64(7 * 86400);
        QTest::newRow("minutes alone") << "30 mins" << qint64(1800);
    }

    void intervalsOfEveryStyleAreRead()
    {
        QFETCH(const QString, text);
        QFETCH(const qint64, seconds);
        const auto read = parseInterval(text);
        QVERIFY(read.has_value());
        QCOMPARE(read->count(), seconds * 1000);
    }

    void whatIsNoIntervalIsNothing()
    {
        for (const char *text : {"", "  ", "100", "soon", "1 parsec", "P", "1 day,", "::"})
            QVERIFY2(!parseInterval(QString::fromLatin1(text)), text);
    }

    void partmanConfigurationsOfEveryShapeApply()
    {
        const QByteArray xml = R"(<row>
  <config>{"parent_table": "we &amp; &lt;them&gt;.Plays", "partition_interval": "1 mon", "premake": 4, "retention": null, "new column": [1]}</config>
</row>
<row><config>not json</config></row>)";
        const PartmanConfig config = PartmanConfig::parse("<table>" + xml + "</table>");
        PartitionedTable table;
        table.name = {u"we & <them>"_s, u"Plays"_s};
        config.apply(table);
        QCOMPARE(table.managedBy, u"pg_partman"_s);
        QCOMPARE(table.intervalText, u"1 mon"_s);
        QCOMPARE(table.premake, std::optional(4));
        QVERIFY(!table.retention);

        PartitionedTable other;
        other.name = {u"public"_s, u"Plays"_s};
        config.apply(other);
        QVERIFY(other.managedBy.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TstInterval)
#include "tst_interval.moc"
