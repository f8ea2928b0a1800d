// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/params.h"
#include "core/pg/resultset.h"
#include "core/pg/sqllibrary.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

using namespace tidemark;

class TstSqlLibrary : public QObject
{
    Q_OBJECT

    static void write(const QDir &folder, const QString &path, const QByteArray &text)
    {
        QVERIFY(folder.mkpath(QFileInfo(path).path()));
        QFile file(folder.filePath(path));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    }

private Q_SLOTS:
    void theHighestVariantThatFitsIsTaken_data()
    {
        QTest::addColumn<int>("serverVersion");
        QTest::addColumn<QString>("variant");
        QTest::newRow("12.22") << 120022 << QStringLiteral("default");
        QTest::newRow("13.0") << 130000 << QStringLiteral("default");
        QTest::newRow("14.0") << 140000 << QStringLiteral("14_plus");
        QTest::newRow("15.18") << 150018 << QStringLiteral("14_plus");
        QTest::newRow("17.0") << 170000 << QStringLiteral("17_plus");
        QTest::newRow("18.1") << 180001 << QStringLiteral("17_plus");
    }

    void theHighestVariantThatFitsIsTaken()
    {
        QFETCH(const int, serverVersion);
        QFETCH(const QString, variant);
        const QTemporaryDir folder;
        for (const char *name : {"default", "14_plus", "17_plus"})
            write(folder.path(), QStringLiteral("area/query/%1.sql").arg(QLatin1String(name)),
                  "-- what: x\nSELECT 1\n");
        const pg::SqlLibrary library(folder.path());
        QCOMPARE(library.ids(), QStringList{QStringLiteral("area/query")});
        QCOMPARE(library.query(QStringLiteral("area/query"), serverVersion).variant, variant);
    }

    void theHeaderIsReadAndLeftOutOfTheSql()
    {
        const QTemporaryDir folder;
        write(folder.path(), QStringLiteral("locks/edges/default.sql"),
              "-- what: who waits for whom\n"
              "-- columns: pid int4, blockers int4[],\n"
              "--   since timestamptz\n"
              "-- params: oid, oid[]\n"
              "-- cost: light\n"
              "-- requires: extension timescaledb\n"
              "SELECT a.pid -- not a header\n"
              "  -- nor this: params: text\n"
              "FROM t AS a\n");
        const pg::SqlLibrary library(folder.path());
        const pg::SqlQuery &query = library.query(QStringLiteral("locks/edges"), 150000);
        QCOMPARE(query.what, QStringLiteral("who waits for whom"));
        QCOMPARE(query.columns, QStringLiteral("pid int4, blockers int4[], since timestamptz"));
        QCOMPARE(query.params, (QStringList{QStringLiteral("oid"), QStringLiteral("oid[]")}));
        QCOMPARE(query.cost, QStringLiteral("light"));
        QCOMPARE(query.requires_, QStringLiteral("extension timescaledb"));
        QCOMPARE(query.sql, QByteArray("/* tidemark:locks/edges */ SELECT a.pid -- not a header\nFROM t AS a"));
    }

    void aFormHasItsOwnLinesAndThoseOfAll()
    {
        const QTemporaryDir folder;
        write(folder.path(), QStringLiteral("a/b/default.sql"),
              "-- what: x\n"
              "-- requires: column c.new --{new newest}\n"
              "--{old} -- requires: relation o\n"
              "SELECT c.id, --{new}\n"
              "  c.new AS n --{new newest}\n"
              "--{old}   o.n\n"
              "FROM c\n"
              "--{old} JOIN o ON o.id = c.id\n"
              "WHERE c.id > 0\n");
        const pg::SqlLibrary library(folder.path());
        QCOMPARE(library.ids(),
                 (QStringList{QStringLiteral("a/b:new"), QStringLiteral("a/b:newest"), QStringLiteral("a/b:old")}));
        const auto query = [&](const char *id) { return library.query(QString::fromLatin1(id), 150000); };
        QCOMPARE(query("a/b:new").sql,
                 QByteArray("/* tidemark:a/b:new */ SELECT c.id,\n  c.new AS n\nFROM c\nWHERE c.id > 0"));
        QCOMPARE(query("a/b:newest").requires_, QStringLiteral("column c.new"));
        QCOMPARE(query("a/b:old").requires_, QStringLiteral("relation o"));
        QVERIFY(query("a/b:old").sql.endsWith("FROM c\nJOIN o ON o.id = c.id\nWHERE c.id > 0"));
        QCOMPARE(query("a/b:old").what, QStringLiteral("x"));
    }

    void variantsMayStandInOneFile()
    {
        const QTemporaryDir folder;
        write(folder.path(), QStringLiteral("a/b/default.sql"),
              "-- what: x\n"
              "SELECT c.new AS n --{14_plus}\n"
              "--{default} SELECT false AS n\n"
              "FROM c\n");
        write(folder.path(), QStringLiteral("a/b/17_plus.sql"), "-- what: x\nSELECT d.n FROM d");
        const pg::SqlLibrary library(folder.path());
        QCOMPARE(library.ids(), QStringList{QStringLiteral("a/b")});
        const auto query = [&](int version) { return library.query(QStringLiteral("a/b"), version); };
        QCOMPARE(query(130000).variant, QStringLiteral("default"));
        QVERIFY(query(130000).sql.endsWith("*/ SELECT false AS n\nFROM c"));
        QCOMPARE(query(160000).variant, QStringLiteral("14_plus"));
        QVERIFY(query(160000).sql.endsWith("*/ SELECT c.new AS n\nFROM c"));
        QVERIFY(query(180000).sql.endsWith("*/ SELECT d.n FROM d"));
    }

    void whatAHeaderLeavesOutIsEmpty()
    {
        const QTemporaryDir folder;
        write(folder.path(), QStringLiteral("a/b/default.sql"), "-- what: x\nSELECT 1");
        const pg::SqlLibrary library(folder.path());
        const pg::SqlQuery &query = library.query(QStringLiteral("a/b"), 120000);
        QVERIFY(query.params.isEmpty());
        QVERIFY(query.requires_.isEmpty());
    }

    void everyBuiltInQueryTellsWhatItIsAndWhatItCosts()
    {
        const pg::SqlLibrary &library = pg::SqlLibrary::builtIn();
        QVERIFY(!library.ids().isEmpty());
        for (const QString &id : library.ids()) {
            for (int major = 12; major <= 18; ++major) {
                const pg::SqlQuery &query = library.query(id, major * 10000);
                QVERIFY2(!query.what.isEmpty() && !query.columns.isEmpty(), qPrintable(id));
                QVERIFY2((QStringList{QStringLiteral("light"), QStringLiteral("heavy"), QStringLiteral("on demand")})
                             .contains(query.cost),
                         qPrintable(id + QStringLiteral(": ") + query.cost));
            }
        }
    }

    void arraysAreReadAsTheServerPrintsThem_data()
    {
        QTest::addColumn<QByteArray>("literal");
        QTest::addColumn<QStringList>("elements");
        const auto row = [](const char *literal, const QStringList &elements) {
            QTest::newRow(literal) << QByteArray(literal) << elements;
        };
        const QString null;
        row("{}", {});
        row("", {});
        row("{1,-2,3}", {QStringLiteral("1"), QStringLiteral("-2"), QStringLiteral("3")});
        row("{NULL,\"NULL\"}", {null, QStringLiteral("NULL")});
        row("{\"\",a}", {QStringLiteral(""), QStringLiteral("a")});
        row("{a,\"\"}", {QStringLiteral("a"), QStringLiteral("")});
        row("{\"a,b\",\"c\\\"d\",\"e\\\\f\",\"g}h\"}",
            {QStringLiteral("a,b"), QStringLiteral("c\"d"), QStringLiteral("e\\f"), QStringLiteral("g}h")});
        row("[0:1]={5,6}", {QStringLiteral("5"), QStringLiteral("6")}); // int2vector as an array counts from 0
        row("{n\xc3\xa4me}", {QStringLiteral("näme")});
    }

    void arraysAreReadAsTheServerPrintsThem()
    {
        QFETCH(const QByteArray, literal);
        QFETCH(const QStringList, elements);
        const QStringList read = pg::parseArray(literal);
        QCOMPARE(read, elements);
        for (qsizetype i = 0; i < read.size(); ++i)
            QCOMPARE(read.at(i).isNull(), elements.at(i).isNull());
    }

    void anArrayParameterIsALiteral()
    {
        QCOMPARE(*pg::Param::array(std::vector<quint32>{1, 4'000'000'000}).value(), QByteArray("{1,4000000000}"));
        QCOMPARE(*pg::Param::array(std::vector<int>{}).value(), QByteArray("{}"));
        QVERIFY(!pg::Param(nullptr).value());
    }
};

QTEST_GUILESS_MAIN(TstSqlLibrary)
#include "tst_sqllibrary.moc"
