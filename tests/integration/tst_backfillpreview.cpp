// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backfill/backfillpreview.h"
#include "core/catalog/tablecandidates.h"
#include "tests/support/testserver.h"

using namespace tidemark;
using namespace tidemark::test;
using backfill::BackfillPreview;
using backfill::BackfillSpec;
using backfill::FieldError;

namespace {

BackfillSpec filling(const std::vector<backfill::Assignment> &set, const QString &where = {})
{
    BackfillSpec spec;
    spec.table = {QStringLiteral("public"), QStringLiteral("plays")};
    spec.set = set;
    spec.where = where;
    return spec;
}

} // namespace

/// What a person sees of a backfill while writing it.
class TstBackfillPreview : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
        m_database->exec("CREATE TABLE plays (id bigint PRIMARY KEY, note text, price int, length int);"
                         "INSERT INTO plays SELECT g, '100%5 of ' || g, g, NULL FROM generate_series(1, 300) AS g;"
                         "CREATE TABLE \"Odd Täble\" (\"Key\" int PRIMARY KEY, \"a %1\" int);"
                         "INSERT INTO \"Odd Täble\" VALUES (7, 1);"
                         "CREATE TABLE parted (id int, v int, PRIMARY KEY (id)) PARTITION BY RANGE (id);"
                         "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (1000);"
                         "INSERT INTO parted SELECT generate_series(1, 500); ANALYZE");
    }

    void valuesAreThoseThatTheRunWouldWrite()
    {
        const auto preview = shown(filling({{QStringLiteral("length"), QStringLiteral("length(note) + 1")}},
                                           QStringLiteral("note LIKE '100%5 of 2%6'")));
        QVERIFY(preview.plan);
        QVERIFY(!preview.refused);
        QCOMPARE(preview.rows, 11); // 26, and 206, 216 … 296
        for (const backfill::SampleValue &value : preview.sample) {
            QVERIFY(!value.before);
            QCOMPARE(*value.after, QString::number(9 + value.row.size() + 1));
        }
    }

    void aColumnThatIsYetToBeMadeMayStandInTheCondition()
    {
        BackfillSpec spec = filling({{QStringLiteral("twice"), QStringLiteral("price * 2")}},
                                    QStringLiteral("twice IS NULL AND price > 298"));
        spec.add = {{QStringLiteral("twice"), QStringLiteral("bigint")}};
        const auto preview = shown(spec);
        QVERIFY2(preview.plan, preview.refused ? qPrintable(preview.refused->error.summary()) : "");
        QCOMPARE(preview.rows, 2);
        QCOMPARE(*preview.sample.back().after, QStringLiteral("600"));
    }

    void namesMayBeAsUglyAsTheyLike()
    {
        BackfillSpec spec = filling({{QStringLiteral("a %1"), QStringLiteral("\"Key\" + 1")}}, QStringLiteral("true"));
        spec.table.name = QStringLiteral("Odd Täble");
        const auto preview = shown(spec);
        QVERIFY2(preview.plan, preview.refused ? qPrintable(preview.refused->error.summary()) : "");
        QCOMPARE(preview.sample.front().row, QStringLiteral("7"));
        QCOMPARE(*preview.sample.front().before, QStringLiteral("1"));
        QCOMPARE(*preview.sample.front().after, QStringLiteral("8"));
    }

    void whatIsRefusedIsToldWhereItWasWritten_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("first");
        QTest::addColumn<QString>("second");
        QTest::addColumn<QString>("where");
        QTest::addColumn<int>("field");
        QTest::addColumn<QString>("column");
        using Field = FieldError::Field;
        const QString fine = QStringLiteral("1");
        const QString none;
        QTest::newRow("an expression") << none << fine << QStringLiteral("nope + 1") << none << int(Field::Expression)
                                       << QStringLiteral("price");
        QTest::newRow("its type") << none << QStringLiteral("now()") << fine << none << int(Field::Expression)
                                  << QStringLiteral("length");
        QTest::newRow("the condition") << none << fine << fine << QStringLiteral("note >") << int(Field::Where) << none;
        QTest::newRow("the type of a new column")
            << QStringLiteral("intt") << fine << fine << none << int(Field::Type) << QStringLiteral("fresh");
        QTest::newRow("the first rows") << none << fine << QStringLiteral("note::int") << QStringLiteral("true")
                                        << int(Field::Expression) << QStringLiteral("price");
        QTest::newRow("what reads or writes more") << none << fine << QStringLiteral("1; DROP TABLE plays") << none
                                                   << int(Field::Expression) << QStringLiteral("price");
    }
    void whatIsRefusedIsToldWhereItWasWritten()
    {
        QFETCH(const QString, type);
        QFETCH(const QString, first);
        QFETCH(const QString, second);
        QFETCH(const QString, where);
        BackfillSpec spec = filling({{QStringLiteral("length"), first}, {QStringLiteral("price"), second}}, where);
        if (!type.isEmpty()) {
            spec.add = {{QStringLiteral("fresh"), type}};
            spec.set.push_back({QStringLiteral("fresh"), QStringLiteral("1")});
        }
        const auto preview = shown(spec);
        QVERIFY(!preview.plan);
        QVERIFY(preview.refused);
        QTEST(int(preview.refused->field), "field");
        QTEST(preview.refused->column, "column");
        QCOMPARE(m_database->value("SELECT count(*) FROM plays WHERE length IS NULL"), QStringLiteral("300"));
    }

    void aSampleThatTakesTooLongIsEndedByTheServerAndThePlanStays()
    {
        const auto preview = shown(
            filling({{QStringLiteral("length"), QStringLiteral("1")}}, QStringLiteral("pg_sleep(0.2) IS NULL")));
        QVERIFY(preview.plan);
        QVERIFY(preview.noSample);
        QCOMPARE(preview.noSample->kind, ErrorKind::Timeout);
    }

    void columnsSayWhyTheyCannotBeFilled()
    {
        const auto own = backfill::readFillable(m_database->conn(), {QStringLiteral("public"), QStringLiteral("plays")},
                                                false);
        QVERIFY_RESULT(own);
        QCOMPARE(own->size(), size_t(4));
        QCOMPARE(own->front().whyNot, QStringLiteral("part of the key"));
        QVERIFY(own->back().whyNot.isEmpty());
        const auto others = backfill::readFillable(m_database->conn(),
                                                   {QStringLiteral("public"), QStringLiteral("plays")}, true);
        QVERIFY_RESULT(others);
        QVERIFY(others->front().whyNot.isEmpty());
    }

    void partitionedTablesAreListedWithAllTheirRows()
    {
        auto session = m_database->open();
        const auto candidates = readCandidates(session, CandidatesFor::Backfill);
        QVERIFY_RESULT(candidates);
        const auto named = [&](const char *name) {
            return std::find_if(candidates->begin(), candidates->end(), [name](const TableCandidate &candidate) {
                return candidate.name.name == QLatin1String(name);
            });
        };
        QVERIFY(named("parted") != candidates->end());
        QCOMPARE(named("parted")->rowEstimate, qint64(500));
        QCOMPARE(named("parted")->bytes, named("parted_1")->bytes);
        QVERIFY(named("parted")->bytes > 0);
        const auto ordinary = readCandidates(session, CandidatesFor::StagedMigration);
        QVERIFY_RESULT(ordinary);
        QCOMPARE(ordinary->size(), size_t(2));
    }

private:
    [[nodiscard]] BackfillPreview shown(const BackfillSpec &spec)
    {
        auto preview = backfill::previewBackfill(m_database->conn(), spec);
        if (!preview) {
            QTest::qFail(qPrintable(preview.error().summary()), __FILE__, __LINE__);
            return {};
        }
        return *preview;
    }

    std::unique_ptr<TestDatabase> m_database;
};

QTEST_GUILESS_MAIN(TstBackfillPreview)
#include "tst_backfillpreview.moc"
