// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/snapshotmodel.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QTest>

using namespace tidemark::ui;

namespace {

struct Row
{
    int key = 0;
    QString name;
    QString note;
    friend bool operator==(const Row &, const Row &) = default;
};

class Names : public SnapshotModel<Row, int>
{
public:
    Names()
        : SnapshotModel([](const Row &row) { return row.key; })
    {
        std::vector<Column<Row>> columns;
        columns.push_back({.id = "name",
                           .title = QStringLiteral("Name"),
                           .text = [](const Row &row) { return row.name; },
                           .chars = 12});
        columns.push_back({.id = "note",
                           .title = QStringLiteral("Note"),
                           .text = [](const Row &row) { return row.note; },
                           .chars = 10,
                           .stretch = true});
        columns.push_back({.id = "key",
                           .title = QStringLiteral("Key"),
                           .text = [](const Row &row) { return QString::number(row.key); },
                           .sort = [](const Row &row) { return QVariant(row.key); },
                           .numeric = true,
                           .chars = 4});
        setColumns(std::move(columns));
        setObjectOf([](const Row &row) {
            return ObjectRef{ObjectKind::Refreshable,       QStringLiteral("prod"), QStringLiteral("plays"),
                             static_cast<quint32>(row.key), {{}, row.name},         0};
        });
    }
};

int textWidth(const DataTable &table, const QString &text)
{
    return table.fontMetrics().horizontalAdvance(text);
}

} // namespace

class DataTableTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, ThemeChoice::Light); }

    void columnsAreAsWideAsWhatStandsInThem()
    {
        Names model;
        DataTable table(QStringLiteral("names"));
        table.setSource(&model);
        table.resize(900, 300);
        table.show();
        const QString name = QStringLiteral("materialized_view");
        model.setRows({{1, name, QString()}});
        QTRY_VERIFY(table.columnWidth(0) >= textWidth(table, name));
        // A longer one that comes later makes room for itself, but one that is out of all measure does not.
        const QString longer = QStringLiteral("materialized_view_2");
        model.setRows({{1, name, QString()}, {2, longer, QString()}});
        QTRY_VERIFY(table.columnWidth(0) >= textWidth(table, longer));
        model.setRows({{1, name, QString()}, {2, QString(300, QLatin1Char('m')), QString()}});
        QTest::qWait(50);
        QVERIFY(table.columnWidth(0) < 400);
        // What is left goes to the column that stretches.
        QCOMPARE(table.columnWidth(0) + table.columnWidth(1) + table.columnWidth(2), table.viewport()->width());
    }

    void aLayoutComesBackByColumnIdAndKeepsTheUsersWidths()
    {
        Names model;
        model.setRows({{1, QStringLiteral("a"), QStringLiteral("x")}});
        DataTable table(QStringLiteral("names"));
        table.setSource(&model);
        table.resize(900, 300);
        table.horizontalHeader()->moveSection(2, 0);
        table.setColumnHidden(1, true);
        table.sortByColumnId("key", Qt::DescendingOrder);
        const QString layout = table.saveLayout();
        DataTable other(QStringLiteral("names"));
        other.setSource(&model);
        other.restoreLayout(layout);
        QCOMPARE(other.horizontalHeader()->logicalIndex(0), 2);
        QVERIFY(other.isColumnHidden(1));
        QCOMPARE(other.horizontalHeader()->sortIndicatorSection(), 2);
        QCOMPARE(other.horizontalHeader()->sortIndicatorOrder(), Qt::DescendingOrder);
    }

    void csvQuotesWhatNeedsIt()
    {
        Names model;
        model.setRows({{1, QStringLiteral("we\"ird, \"name"), QStringLiteral("two\nlines")}});
        DataTable table(QStringLiteral("names"));
        table.setSource(&model);
        QCOMPARE(table.toCsv(), QStringLiteral("name,note,key\n\"we\"\"ird, \"\"name\",\"two\nlines\",1\n"));
    }

    void ctrlCCopiesTheSelectedRowsAsShown()
    {
        Names model;
        model.setRows({{1, QStringLiteral("a"), QStringLiteral("x")}, {2, QStringLiteral("b"), QStringLiteral("y")}});
        DataTable table(QStringLiteral("names"));
        table.setSource(&model);
        table.show();
        table.selectAll();
        table.sortByColumnId("key", Qt::AscendingOrder);
        QTest::keyClick(&table, Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("a\tx\t1\nb\ty\t2"));
    }

    void aNameIsCopiedAndExportedAsItIs()
    {
        const QString name = QString::fromUtf8("sales\u202exslx");
        Names model;
        DataTable table(QStringLiteral("names"));
        table.setSource(&model);
        table.show();
        model.setRows({{1, name, QString()}});
        QCOMPARE(table.model()->index(0, 0).data().toString(), QStringLiteral("sales\\u202exslx"));
        table.selectFirst();
        QTest::keyClick(&table, Qt::Key_C, Qt::ControlModifier);
        QVERIFY(QGuiApplication::clipboard()->text().startsWith(name));
        QVERIFY(csvOf(model).contains(name));
    }

    void anObjectOfTheHistoryIsFoundByItsName()
    {
        Names model;
        model.setRows({{1, QStringLiteral("a"), {}}, {2, QStringLiteral("b"), {}}});
        DataTable table(QStringLiteral("names"));
        table.setSource(&model);
        const ObjectRef byName{
            ObjectKind::Refreshable, QStringLiteral("prod"), QStringLiteral("plays"), 0, {{}, QStringLiteral("b")}, 0};
        QVERIFY(table.selectObject(byName));
        QCOMPARE(model.row(table.currentSource().row()).key, 2);
        const ObjectRef elsewhere{
            ObjectKind::Refreshable, QStringLiteral("prod"), QStringLiteral("other"), 2, {{}, QStringLiteral("b")}, 0};
        QVERIFY(!table.selectObject(elsewhere));
    }
};

QTEST_MAIN(DataTableTest)
#include "tst_datatable.moc"
