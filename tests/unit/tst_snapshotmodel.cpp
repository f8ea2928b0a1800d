// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/filterproxy.h"
#include "ui/models/snapshotmodel.h"

#include <QAbstractItemModelTester>
#include <QItemSelectionModel>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTest>

#include <map>

using namespace tidemark::ui;

namespace {

struct Row
{
    int key = 0;
    int value = 0;
    friend bool operator==(const Row &, const Row &) = default;
};

class Numbers : public SnapshotModel<Row, int>
{
public:
    Numbers()
        : SnapshotModel([](const Row &row) { return row.key; })
    {
        std::vector<Column<Row>> columns;
        columns.push_back({.id = "key",
                           .title = QStringLiteral("Key"),
                           .text = [](const Row &row) { return QString::number(row.key); },
                           .sort = [](const Row &row) { return QVariant(row.key); }});
        columns.push_back({.id = "value",
                           .title = QStringLiteral("Value"),
                           .text = [](const Row &row) { return QString::number(row.value); },
                           .sort = [](const Row &row) { return row.value < 0 ? QVariant() : QVariant(row.value); },
                           .ages = true});
        setColumns(std::move(columns));
    }
};

std::vector<Row> sorted(std::vector<Row> rows)
{
    std::sort(rows.begin(), rows.end(), [](const Row &a, const Row &b) { return a.key < b.key; });
    return rows;
}

} // namespace

class SnapshotModelTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void randomSnapshotsMergeIntoExactlyWhatTheySay()
    {
        const quint32 seed = qEnvironmentVariableIsSet("TIDEMARK_TEST_SEED")
                                 ? qEnvironmentVariableIntValue("TIDEMARK_TEST_SEED")
                                 : QRandomGenerator::global()->generate();
        qInfo() << "TIDEMARK_TEST_SEED =" << seed;
        QRandomGenerator random(seed);
        Numbers model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        FilterProxy proxy;
        proxy.setSourceModel(&model);
        proxy.sort(1, Qt::DescendingOrder);
        QAbstractItemModelTester proxyTester(&proxy, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        for (int round = 0; round < 400; ++round) {
            std::map<int, Row> wanted;
            const int size = random.bounded(60);
            for (int i = 0; i < size; ++i) {
                const int key = random.bounded(80);
                wanted[key] = {key, random.bounded(-1, 4)};
            }
            std::vector<Row> rows;
            for (const auto &[key, row] : wanted)
                rows.push_back(row);
            const std::vector<Row> expected = rows;
            std::shuffle(rows.begin(), rows.end(), random);
            model.setRows(std::move(rows));
            QCOMPARE(model.rows().size(), expected.size());
            QVERIFY(model.rows() == expected);
            QCOMPARE(proxy.rowCount(), model.rowCount());
        }
        QCOMPARE(resets.size(), 0);
    }

    void unchangedRowsAreLeftAloneAndChangedOnesAnnouncedTogether()
    {
        Numbers model;
        model.setRows({{1, 10}, {2, 20}, {3, 30}, {5, 50}});
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
        model.setRows({{1, 10}, {2, 21}, {3, 31}, {4, 40}});
        QCOMPARE(changed.size(), 1);
        QCOMPARE(changed[0][0].toModelIndex().row(), 1);
        QCOMPARE(changed[0][1].toModelIndex().row(), 2);
        QCOMPARE(inserted.size(), 1);
        QCOMPARE(inserted[0][1].toInt(), 3);
        QCOMPARE(removed.size(), 1);
        model.setRows({{1, 10}, {2, 21}, {3, 31}, {4, 40}});
        QCOMPARE(changed.size(), 1);
    }

    void theSelectedRowStaysSelectedWhereverItMoves()
    {
        Numbers model;
        model.setRows({{10, 1}, {20, 2}, {30, 3}});
        QItemSelectionModel selection(&model);
        selection.setCurrentIndex(model.index(1, 0), QItemSelectionModel::SelectCurrent);
        model.setRows({{5, 0}, {6, 0}, {20, 9}, {40, 0}});
        QCOMPARE(model.row(selection.currentIndex().row()).key, 20);
    }

    void theFirstOfTwoRowsOfOneKeyIsKept()
    {
        Numbers model;
        model.setRows({{1, 1}, {1, 2}, {2, 3}});
        QVERIFY(model.rows() == (std::vector<Row>{{1, 1}, {2, 3}}));
    }

    void aChangeInThousandsOfPiecesResets()
    {
        Numbers model;
        std::vector<Row> odd;
        std::vector<Row> even;
        for (int i = 0; i < 20'000; ++i)
            (i % 2 == 0 ? even : odd).push_back({i, i});
        model.setRows(odd);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        model.setRows(even);
        QCOMPARE(resets.size(), 1);
        QVERIFY(model.rows() == sorted(even));
    }

    void rowsAreFoundByTheirKey()
    {
        Numbers model;
        model.setRows({{10, 1}, {20, 2}});
        QCOMPARE(model.indexOfKey(20), std::optional(1));
        QCOMPARE(model.indexOfKey(15), std::nullopt);
    }

    void aTickOfTheClockAnnouncesTheColumnsThatAge()
    {
        Numbers model;
        model.setRows({{1, 1}, {2, 2}});
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        model.setMoments({});
        QCOMPARE(changed.size(), 1);
        QCOMPARE(changed[0][0].toModelIndex().column(), 1);
        QCOMPARE(changed[0][1].toModelIndex().row(), 1);
    }

    void whatIsMissingSortsLastInBothDirections()
    {
        Numbers model;
        model.setRows({{1, 3}, {2, -1}, {3, 7}});
        FilterProxy proxy;
        proxy.setSourceModel(&model);
        proxy.sort(1, Qt::AscendingOrder);
        QCOMPARE(proxy.index(2, 0).data().toString(), QStringLiteral("2"));
        QCOMPARE(proxy.index(0, 0).data().toString(), QStringLiteral("1"));
        proxy.sort(1, Qt::DescendingOrder);
        QCOMPARE(proxy.index(2, 0).data().toString(), QStringLiteral("2"));
        QCOMPARE(proxy.index(0, 0).data().toString(), QStringLiteral("3"));
    }

    void whatIsShownIsPrintableAndWhatLeavesIsTheRealName()
    {
        const QString name = QString::fromUtf8("a\n\x1b[31m\u202eb");
        const QString shown = QStringLiteral("a\\n\\x1b[31m\\u202eb");
        Column<Row> column{.id = "name",
                           .title = QStringLiteral("Name"),
                           .text = [name](const Row &) { return name; },
                           .toolTip = [name](const Row &) { return name; },
                           .detail = [name](const Row &) { return name; }};
        const Row row{1, 1};
        QCOMPARE(cellData(column, row, Qt::DisplayRole).toString(), shown);
        QCOMPARE(cellData(column, row, DetailRole).toString(), shown);
        QCOMPARE(cellData(column, row, Qt::ToolTipRole).toString(), QStringLiteral("a\n\\x1b[31m\\u202eb"));
        for (const int role : {static_cast<int>(PlainRole), static_cast<int>(SortRole), static_cast<int>(ExportRole)})
            QCOMPARE(cellData(column, row, role).toString(), name);
    }

    void everyWordOfTheFilterMustStandSomewhere()
    {
        Numbers model;
        model.setRows({{11, 70}, {12, 80}, {21, 70}});
        FilterProxy proxy;
        proxy.setSourceModel(&model);
        proxy.setFilterText(QStringLiteral("1 70"));
        QCOMPARE(proxy.rowCount(), 2);
        proxy.setFilterText(QStringLiteral("12 70"));
        QCOMPARE(proxy.rowCount(), 0);
        proxy.setFilterText(QString());
        QCOMPARE(proxy.rowCount(), 3);
    }
};

QTEST_GUILESS_MAIN(SnapshotModelTest)
#include "tst_snapshotmodel.moc"
