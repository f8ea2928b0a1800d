// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/dependencygraph.h"
#include "ui/models/freshnessmodel.h"
#include "ui/models/ganttdata.h"
#include "ui/models/jobmodel.h"
#include "ui/models/partitionedtablemodel.h"
#include "ui/models/partitionmodel.h"
#include "ui/models/refreshhistorymodel.h"
#include "ui/models/sawtooth.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace tidemark;
using namespace tidemark::ui;
using namespace std::chrono_literals;

class BoardModels : public QObject
{
    Q_OBJECT

private:
    static constexpr Instant now = Instant(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + 12h);

    static QStringList print(const QAbstractItemModel &model, const QStringList &ids)
    {
        QStringList lines;
        for (int row = 0; row < model.rowCount(); ++row) {
            QStringList cells;
            for (int column = 0; column < model.columnCount(); ++column) {
                if (!ids.contains(
                        QString::fromLatin1(model.headerData(column, Qt::Horizontal, ColumnIdRole).toByteArray())))
                    continue;
                const QModelIndex at = model.index(row, column);
                const QString detail = at.data(DetailRole).toString();
                cells << (detail.isEmpty() ? at.data().toString()
                                           : at.data().toString() + QStringLiteral(" [%1]").arg(detail));
            }
            lines << cells.join(QStringLiteral(" | "));
        }
        return lines;
    }

    static Refreshable view(quint32 oid, const char *name, Millis age)
    {
        Refreshable it;
        it.oid = oid;
        it.name = {QStringLiteral("public"), QLatin1String(name)};
        it.lastRefresh = {Confidence::Commit, RefreshSource::CommitTimestamp, now - age, std::nullopt, false};
        return it;
    }

    static Snapshots watched(std::vector<Refreshable> views,
                             std::vector<std::shared_ptr<const PartitionedTable>> tables = {})
    {
        auto freshness = std::make_shared<FreshnessSnapshot>();
        freshness->refreshables = std::move(views);
        auto partitions = std::make_shared<PartitionSnapshot>();
        partitions->tables = std::move(tables);
        auto database = std::make_shared<DatabaseSnapshot>();
        database->freshness = freshness;
        database->partitions = partitions;
        auto server = std::make_shared<ServerSnapshot>();
        server->name = QStringLiteral("prod");
        server->databases[QStringLiteral("plays")] = database;
        return {{server->name, server}};
    }

    static Moments clock() { return {now, {}}; }

private Q_SLOTS:
    void freshnessRowsReadAsTheBoardShowsThem()
    {
        Refreshable late = view(7, "late", 9min);
        late.target = 10min;
        late.sourceChanges = 12'345;
        Refreshable running = view(3, "running", 5min);
        running.running = RunningRefresh{12, now - 10s, false, {}, {}, 25s};
        Refreshable bounded = view(9, "bounded", 3h);
        bounded.lastRefresh.confidence = Confidence::AtLeast;
        FreshnessModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setSnapshots(watched({running, late, bounded}), {}, clock());
        QCOMPARE(print(model, {QStringLiteral("name"), QStringLiteral("last_refresh"), QStringLiteral("source_changes"),
                               QStringLiteral("target_used")}),
                 QStringList({QStringLiteral("public.running [plays] | running 10 s, about 15 s left | not judged | "),
                              QStringLiteral("public.late [plays] | 9 min ago [commit] | 12,345 | 90 %"),
                              QStringLiteral("public.bounded [plays] | ≥ 3 h ago | not judged | ")}));
    }

    void objectsOfOneNameOnTwoServersAreToldApart()
    {
        auto table = std::make_shared<PartitionedTable>();
        table->oid = 5;
        table->name = {QStringLiteral("public"), QStringLiteral("events")};
        const Snapshots one = watched({view(1, "daily", 1min)}, {table});
        Snapshots both = one;
        auto other = std::make_shared<ServerSnapshot>(*one.first());
        other->name = QStringLiteral("standby");
        both.insert(other->name, other);
        FreshnessModel views;
        PartitionedTableModel tables;
        const auto show = [&](const Snapshots &servers, const Scope &scope) {
            views.setSnapshots(servers, scope, clock());
            tables.setSnapshots(servers, scope, clock());
            return print(views, {QStringLiteral("name")}) + print(tables, {QStringLiteral("name")});
        };
        const QStringList alone{QStringLiteral("public.daily [plays]"), QStringLiteral("public.events [plays]")};
        QCOMPARE(show(one, {}), alone);
        QSignalSpy changed(&views, &QAbstractItemModel::dataChanged);
        QCOMPARE(show(both, {}), QStringList({QStringLiteral("public.daily [prod / plays]"),
                                              QStringLiteral("public.daily [standby / plays]"),
                                              QStringLiteral("public.events [prod / plays]"),
                                              QStringLiteral("public.events [standby / plays]")}));
        // The row that was there already is drawn anew.
        QVERIFY(changed.contains(QList<QVariant>{QVariant(views.index(0, 0)),
                                                 QVariant(views.index(0, views.columnCount() - 1)),
                                                 QVariant::fromValue(QList<int>())}));
        QCOMPARE(show(both, {QStringLiteral("prod"), {}}), alone);
    }

    void anUpdateTouchesOnlyWhatChanged()
    {
        FreshnessModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        std::vector<Refreshable> views{view(1, "a", 1min), view(2, "b", 2min), view(3, "c", 3min)};
        Snapshots snapshots = watched(views);
        model.setSnapshots(snapshots, {}, clock());
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
        const QPersistentModelIndex third(model.index(2, 0));

        views[1].sourceChanges = 4;
        views.erase(views.begin());
        views.push_back(view(4, "d", 4min));
        model.setSnapshots(watched(views), {}, clock());
        QCOMPARE(reset.count(), 0);
        QCOMPARE(inserted.count(), 1);
        QCOMPARE(removed.count(), 1);
        QCOMPARE(third.row(), 1);
        QCOMPARE(print(model, {QStringLiteral("name")}),
                 QStringList({QStringLiteral("public.b [plays]"), QStringLiteral("public.c [plays]"),
                              QStringLiteral("public.d [plays]")}));
    }

    void anUnchangedPartAnnouncesNothingButTheAges()
    {
        FreshnessModel model;
        const Snapshots snapshots = watched({view(1, "a", 1min)});
        model.setSnapshots(snapshots, {}, clock());
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        model.setSnapshots(snapshots, {}, {now + 5s, {}});
        QVERIFY(changed.count() > 0);
        for (const QList<QVariant> &signal : changed)
            QCOMPARE(signal[0].value<QModelIndex>().column(), signal[1].value<QModelIndex>().column());
        model.setSnapshots(snapshots, {QStringLiteral("other"), {}}, clock());
        QCOMPARE(model.rowCount(), 0);
    }

    void agesFollowTheServersOwnClock()
    {
        FreshnessModel model;
        model.setSnapshots(watched({view(1, "a", 1min)}), {}, {now, {{QStringLiteral("prod"), now + 1h}}});
        QCOMPARE(print(model, {QStringLiteral("last_refresh")}),
                 QStringList{QStringLiteral("1 h 01 min ago [commit]")});
    }

    void partitionsOfTheSameTableAreMergedAndOthersReplaced()
    {
        PartitionModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        PartitionedTable table;
        table.oid = 1;
        table.name = {QStringLiteral("public"), QStringLiteral("events")};
        for (quint32 oid : {11U, 12U}) {
            Partition partition;
            partition.oid = oid;
            partition.name = {QStringLiteral("public"), QStringLiteral("events_%1").arg(oid)};
            partition.treeRows = oid * 100;
            table.partitions.push_back(partition);
        }
        const auto first = std::make_shared<const PartitionedTable>(table);
        model.setTable(QStringLiteral("prod"), QStringLiteral("plays"), first, clock());
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        table.partitions[1].treeRows = 7;
        model.setTable(QStringLiteral("prod"), QStringLiteral("plays"), std::make_shared<const PartitionedTable>(table),
                       clock());
        QCOMPARE(reset.count(), 0);
        QCOMPARE(changed.first()[0].value<QModelIndex>().row(), 1);
        QCOMPARE(print(model, {QStringLiteral("name"), QStringLiteral("rows")}),
                 QStringList({QStringLiteral("events_11 | 1,100"), QStringLiteral("events_12 | 7")}));
        model.setTable({}, {}, nullptr, clock());
        QCOMPARE(model.rowCount(), 0);
    }

    void percentilesAreDurationsThatReallyWere()
    {
        std::vector<RefreshRow> rows;
        for (int run = 1; run <= 20; ++run) {
            RefreshEvent event;
            event.id = run;
            event.name = {QStringLiteral("public"), QStringLiteral("v")};
            event.finishedAt = now - std::chrono::minutes(run);
            event.duration = Millis(run * 100);
            rows.push_back({QStringLiteral("prod"), QStringLiteral("plays"), event});
        }
        rows[19].event.succeeded = false; // 2,000 ms, which must not count
        rows[18].event.duration.reset();
        const auto summaries = summarize(rows);
        QCOMPARE(int(summaries.size()), 1);
        QCOMPARE(summaries[0].runs, 20);
        QCOMPARE(summaries[0].failures, 1);
        QCOMPARE(summaries[0].timed, 18);
        QCOMPARE(*summaries[0].median, Millis(900));
        QCOMPARE(*summaries[0].p95, Millis(1800));
        QCOMPARE(*summaries[0].longest, Millis(1800));
        QCOMPARE(summaries[0].durations.first(), 1800.0); // oldest first
    }

    void barsShowWhatIsKnownAndNoMore()
    {
        const auto row = [](auto change) {
            RefreshEvent event;
            event.name = {QStringLiteral("public"), QStringLiteral("v")};
            change(event);
            return RefreshRow{QStringLiteral("prod"), QStringLiteral("plays"), event};
        };
        const std::vector<RefreshRow> rows{row([](RefreshEvent &e) {
                                               e.finishedAt = now;
                                               e.duration = 5s;
                                           }),
                                           row([](RefreshEvent &e) { e.finishedAt = now - 1min; }),
                                           row([](RefreshEvent &e) {
                                               e.finishedBracket = TimeRange{now - 5min, now - 4min};
                                               e.confidence = Confidence::Bracketed;
                                           }),
                                           row([](RefreshEvent &) {})};
        const auto lanes = ganttLanes(rows, {});
        QCOMPARE(int(lanes.size()), 1);
        const auto &bars = lanes[0].bars;
        QCOMPARE(int(bars.size()), 3);
        QVERIFY(bars[0].uncertain);
        QCOMPARE(bars[0].to - bars[0].from, 60.0);
        QCOMPARE(bars[1].from, bars[1].to);
        QCOMPARE(bars[2].to - bars[2].from, 5.0);
        QCOMPARE(lanes[0].longest, 60.0);
    }

    void ageFallsOnlyWhenARefreshSucceeded()
    {
        const auto event = [](Millis ago, bool succeeded) {
            RefreshEvent it;
            it.finishedAt = now - ago;
            it.succeeded = succeeded;
            return it;
        };
        const auto points = sawtooth({event(10min, true), event(20min, false), event(30min, true)}, {now - 1h, now},
                                     now);
        QCOMPARE(points,
                 std::vector<AgePoint>({{now - 30min, 0ms}, {now - 10min, 20min}, {now - 10min, 0ms}, {now, 10min}}));
        const auto cut = sawtooth({event(10min, true), event(30min, true)}, {now - 15min, now}, now);
        QCOMPARE(cut.front(), (AgePoint{now - 15min, 15min}));
        QVERIFY(sawtooth({event(5min, false)}, {now - 1h, now}, now).empty());
    }

    void theGraphHoldsAllSourcesAndReadersInLayers()
    {
        auto snapshot = std::make_shared<FreshnessSnapshot>();
        Refreshable base = view(2, "base", 1min);
        base.sources = {1};
        base.dependents = {3, 4};
        Refreshable middle = view(3, "middle", 1min);
        middle.sources = {1, 2};
        middle.dependents = {4};
        Refreshable top = view(4, "top", 1min);
        top.sources = {2, 3};
        Refreshable apart = view(5, "apart", 1min);
        snapshot->refreshables = {base, middle, top, apart};
        snapshot->sources = {{1, {QStringLiteral("public"), QStringLiteral("orders")}, 'r', {2, 3}, 0}};
        const DependencyGraph graph = dependencyGraph(snapshot, 3);
        QStringList lines;
        for (const GraphNode &node : graph.nodes)
            lines << QStringLiteral("%1 %2").arg(node.layer).arg(node.name().name);
        QCOMPARE(lines, QStringList({QStringLiteral("-2 orders"), QStringLiteral("-1 base"), QStringLiteral("0 middle"),
                                     QStringLiteral("1 top")}));
        QCOMPARE(graph.focus, 2);
        QCOMPARE(int(graph.edges.size()), 5);
        for (const GraphEdge &edge : graph.edges)
            QVERIFY(graph.nodes[static_cast<std::size_t>(edge.from)].layer
                    < graph.nodes[static_cast<std::size_t>(edge.to)].layer);
        QCOMPARE(graphLines(graph, now).size(), 4);
    }

    void aDeclaredCycleIsCut()
    {
        auto snapshot = std::make_shared<FreshnessSnapshot>();
        Refreshable first = view(1, "first", 1min);
        first.sources = {2};
        first.dependents = {2};
        Refreshable second = view(2, "second", 1min);
        second.sources = {1};
        second.dependents = {1};
        snapshot->refreshables = {first, second};
        const DependencyGraph graph = dependencyGraph(snapshot, 1);
        QCOMPARE(int(graph.nodes.size()), 2);
        QCOMPARE(int(graph.edges.size()), 1);
        QCOMPARE(dependencyGraph(snapshot, 99).focus, -1);
    }
};

QTEST_APPLESS_MAIN(BoardModels)
#include "tst_boardmodels.moc"
