// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/locktreemodel.h"
#include "ui/models/severity.h"

#include <QAbstractItemModelTester>
#include <QPersistentModelIndex>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTest>

using namespace tidemark;
using namespace tidemark::ui;

namespace {

using Pairs = std::vector<std::pair<int, int>>; // pids: waiter, blocker

constexpr Instant noon{std::chrono::hours(12)};

LockParty partyOf(int pid)
{
    LockParty party;
    party.pid = pid;
    party.backendStart = noon - std::chrono::hours(1) + std::chrono::microseconds(pid);
    party.applicationName = QStringLiteral("app%1").arg(pid);
    party.user = QStringLiteral("olaf");
    party.database = QStringLiteral("plays");
    return party;
}

/// Parties in the order the edges name them; every waiter waits since `noon`.
LockSnapshot snapshotOf(const Pairs &edges)
{
    LockSnapshot snapshot;
    QHash<int, int> indexes;
    const auto indexOf = [&](int pid) {
        if (!indexes.contains(pid)) {
            indexes.insert(pid, static_cast<int>(snapshot.parties.size()));
            snapshot.parties.push_back(partyOf(pid));
        }
        return indexes.value(pid);
    };
    for (const auto &[waiter, blocker] : edges) {
        const int waiterIndex = indexOf(waiter);
        LockParty &party = snapshot.parties[static_cast<std::size_t>(waiterIndex)];
        party.waitingSince = noon;
        party.wantedMode = QStringLiteral("AccessShareLock");
        party.object = QStringLiteral("public.hot");
        snapshot.edges.push_back({waiterIndex, indexOf(blocker), false});
    }
    return snapshot;
}

Snapshots serverWith(LockSnapshot locks, const QString &name = QStringLiteral("prod"))
{
    auto server = std::make_shared<ServerSnapshot>();
    server->name = name;
    server->locks = std::make_shared<const LockSnapshot>(std::move(locks));
    return {{name, server}};
}

Moments at(std::chrono::seconds afterNoon)
{
    return {noon + afterNoon, {}};
}

/// "1[2[3 4]]"
QString shape(const LockTreeModel &model, const QModelIndex &parent = {})
{
    QStringList parts;
    for (int row = 0; row < model.rowCount(parent); ++row) {
        const QModelIndex index = model.index(row, 0, parent);
        QString part = QString::number(model.row(index).party.pid);
        if (model.rowCount(index) > 0)
            part += QLatin1Char('[') + shape(model, index) + QLatin1Char(']');
        parts << part;
    }
    return parts.join(QLatin1Char(' '));
}

QString text(const LockTreeModel &model, int pid, int column, int role = Qt::DisplayRole)
{
    return model.data(model.indexOf(QStringLiteral("prod"), pid).siblingAtColumn(column), role).toString();
}

} // namespace

class TstLockTreeModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_model = std::make_unique<LockTreeModel>();
        m_tester = std::make_unique<QAbstractItemModelTester>(m_model.get(),
                                                              QAbstractItemModelTester::FailureReportingMode::QtTest);
    }

    void cleanup()
    {
        m_tester.reset();
        m_model.reset();
    }

    void nobodyWaitingIsAnEmptyTree()
    {
        show({});
        QCOMPARE(m_model->rowCount(), 0);
        auto unread = std::make_shared<ServerSnapshot>();
        unread->name = QStringLiteral("prod");
        m_model->setSnapshots({{unread->name, unread}}, {}, at(std::chrono::seconds(0)));
        QCOMPARE(m_model->rowCount(), 0);
    }

    void whoBlocksStandsAboveWhoWaits()
    {
        show({{2, 1}, {3, 2}, {4, 2}, {6, 5}});
        QCOMPARE(shape(*m_model), QStringLiteral("1[2[3 4]] 5[6]"));
    }

    void cellsSayWhatPeopleNeed()
    {
        LockSnapshot locks = snapshotOf({{2, 1}, {3, 2}});
        LockParty &root = locks.parties[1];
        root.state = QStringLiteral("idle in transaction");
        root.xactStart = noon - std::chrono::minutes(5);
        root.heldMode = QStringLiteral("AccessShareLock");
        root.query = QStringLiteral("SELECT *\n  FROM hot");
        locks.parties[0].wantedMode = QStringLiteral("AccessExclusiveLock");
        locks.parties[2].applicationName.clear();
        locks.edges[1].soft = true;
        m_model->setSnapshots(serverWith(locks), {}, at(std::chrono::seconds(70)));

        QCOMPARE(text(*m_model, 1, LockTreeModel::Who), QStringLiteral("app1 (olaf)"));
        QCOMPARE(text(*m_model, 3, LockTreeModel::Who), QStringLiteral("olaf"));
        QCOMPARE(text(*m_model, 1, LockTreeModel::Pid), QStringLiteral("1"));
        QVERIFY(text(*m_model, 1, LockTreeModel::Doing)
                    .startsWith(QLatin1String("idle in transaction, transaction open for 6 min")));
        QCOMPARE(text(*m_model, 1, LockTreeModel::Wanted), QStringLiteral("holds AccessShareLock"));
        QCOMPARE(text(*m_model, 2, LockTreeModel::Wanted), QStringLiteral("wants AccessExclusiveLock"));
        QCOMPARE(text(*m_model, 2, LockTreeModel::Object), QStringLiteral("public.hot"));
        QCOMPARE(text(*m_model, 1, LockTreeModel::Waiting), QString());
        QCOMPARE(text(*m_model, 2, LockTreeModel::Waiting), QStringLiteral("1 min 10 s"));
        QCOMPARE(text(*m_model, 1, LockTreeModel::Blocks), QStringLiteral("2"));
        QCOMPARE(text(*m_model, 3, LockTreeModel::Blocks), QString());
        QCOMPARE(text(*m_model, 1, LockTreeModel::Query), QStringLiteral("SELECT * FROM hot"));
        QCOMPARE(text(*m_model, 1, LockTreeModel::Query, Qt::ToolTipRole), QStringLiteral("SELECT *\n  FROM hot"));
        QVERIFY(text(*m_model, 2, LockTreeModel::Wanted, DetailRole).isEmpty());
        QVERIFY(text(*m_model, 3, LockTreeModel::Wanted, DetailRole).contains(QLatin1String("queue")));
    }

    void rolesCarryTheValuesBehindTheTexts()
    {
        show({{2, 1}}, std::chrono::seconds(10));
        const QModelIndex root = m_model->indexOf(QStringLiteral("prod"), 1);
        const QModelIndex waiter = m_model->indexOf(QStringLiteral("prod"), 2);
        QCOMPARE(waiter.data(PartyRole).value<LockParty>().pid, 2);
        QCOMPARE(waiter.data(WaitingMsRole).toLongLong(), 10'000);
        QVERIFY(!root.data(WaitingMsRole).isValid());
        QCOMPARE(root.data(BlocksRole).toInt(), 1);
        QCOMPARE(root.siblingAtColumn(LockTreeModel::Blocks).data(SortRole).toInt(), 1);
        QVERIFY(!root.siblingAtColumn(LockTreeModel::Waiting).data(SortRole).isValid());
        QCOMPARE(waiter.siblingAtColumn(LockTreeModel::Waiting).data(SortRole).toLongLong(), 10'000);
        QCOMPARE(waiter.siblingAtColumn(LockTreeModel::Waiting).data(NumberRole).toDouble(), 1.0);
        QCOMPARE(waiter.data(SeverityRole).toInt(), static_cast<int>(Severity::Warning));
        QCOMPARE(root.data(SeverityRole).toInt(), static_cast<int>(Severity::Warning));
        const auto object = waiter.data(ObjectRole).value<ObjectRef>();
        QCOMPARE(object.kind, ObjectKind::Backend);
        QCOMPARE(object.pid, 2);
        QVERIFY(waiter.data(KeyRole).toString().startsWith(root.data(KeyRole).toString() + QLatin1Char('>')));
    }

    void preparedTransactionAndHiddenBackendHaveNames()
    {
        LockSnapshot locks = snapshotOf({{2, 1}});
        locks.parties[1] = {};
        locks.parties[1].preparedGid = QStringLiteral("gid 1");
        locks.parties[0].applicationName.clear();
        locks.parties[0].user.clear();
        locks.parties[0].backendStart.reset();
        m_model->setSnapshots(serverWith(locks), {}, at(std::chrono::seconds(0)));
        const QModelIndex root = m_model->index(0, LockTreeModel::Who);
        QCOMPARE(root.data().toString(), QStringLiteral("prepared transaction gid 1"));
        QCOMPARE(root.siblingAtColumn(LockTreeModel::Pid).data().toString(), QString());
        QCOMPARE(root.siblingAtColumn(LockTreeModel::Doing).data().toString(), QStringLiteral("prepared"));
        QCOMPARE(text(*m_model, 2, LockTreeModel::Who), QStringLiteral("backend 2"));
        QCOMPARE(text(*m_model, 2, LockTreeModel::Doing), QStringLiteral("hidden"));
    }

    void aNewSnapshotMovesWhatMovedAndKeepsTheRest()
    {
        show({{2, 1}, {4, 3}, {5, 4}});
        QCOMPARE(shape(*m_model), QStringLiteral("3[4[5]] 1[2]"));
        const QPersistentModelIndex two = m_model->indexOf(QStringLiteral("prod"), 2);
        const QPersistentModelIndex four = m_model->indexOf(QStringLiteral("prod"), 4);
        const QPersistentModelIndex five = m_model->indexOf(QStringLiteral("prod"), 5);
        QSignalSpy resets(m_model.get(), &QAbstractItemModel::modelReset);
        QSignalSpy moves(m_model.get(), &QAbstractItemModel::rowsMoved);
        QSignalSpy inserts(m_model.get(), &QAbstractItemModel::rowsInserted);
        QSignalSpy removes(m_model.get(), &QAbstractItemModel::rowsRemoved);

        show({{2, 1}, {6, 1}, {7, 2}, {4, 3}});
        QCOMPARE(shape(*m_model), QStringLiteral("1[2[7] 6] 3[4]"));
        QCOMPARE(resets.size(), 0);
        QCOMPARE(moves.size(), 1);
        QCOMPARE(inserts.size(), 2);
        QCOMPARE(removes.size(), 1);
        QVERIFY(!five.isValid());
        QCOMPARE(m_model->row(two).party.pid, 2);
        QCOMPARE(m_model->row(two.parent()).party.pid, 1);
        QCOMPARE(m_model->row(four).party.pid, 4);
        QCOMPARE(two.parent().row(), 0);
    }

    void anEqualSnapshotOnlyTurnsTheClock()
    {
        show({{2, 1}, {3, 2}});
        QSignalSpy layout(m_model.get(), &QAbstractItemModel::rowsInserted);
        QSignalSpy removed(m_model.get(), &QAbstractItemModel::rowsRemoved);
        QSignalSpy changed(m_model.get(), &QAbstractItemModel::dataChanged);
        show({{2, 1}, {3, 2}}, std::chrono::seconds(5));
        QCOMPARE(layout.size(), 0);
        QCOMPARE(removed.size(), 0);
        for (const auto &signal : changed) {
            const int column = signal[0].toModelIndex().column();
            QVERIFY2(column == LockTreeModel::Doing || column == LockTreeModel::Waiting,
                     qPrintable(QString::number(column)));
        }
        QCOMPARE(text(*m_model, 3, LockTreeModel::Waiting), QStringLiteral("5.0 s"));
    }

    void aRecycledPidIsAnotherItem()
    {
        show({{2, 1}});
        const QPersistentModelIndex two = m_model->indexOf(QStringLiteral("prod"), 2);
        LockSnapshot later = snapshotOf({{2, 1}});
        *later.parties[0].backendStart += std::chrono::seconds(1);
        m_model->setSnapshots(serverWith(later), {}, at(std::chrono::seconds(1)));
        QVERIFY(!two.isValid());
        QCOMPARE(shape(*m_model), QStringLiteral("1[2]"));
    }

    void serversInScopeStandTogetherWorstFirst()
    {
        Snapshots both = serverWith(snapshotOf({{2, 1}}), QStringLiteral("a"));
        both.insert(serverWith(snapshotOf({{2, 1}, {3, 1}}), QStringLiteral("b")));
        m_model->setSnapshots(both, {}, at(std::chrono::seconds(1)));
        QCOMPARE(shape(*m_model), QStringLiteral("1[2 3] 1[2]"));
        QCOMPARE(m_model->index(0, LockTreeModel::Server).data().toString(), QStringLiteral("b"));
        m_model->setSnapshots(both, {QStringLiteral("a"), {}}, at(std::chrono::seconds(1)));
        QCOMPARE(shape(*m_model), QStringLiteral("1[2]"));
    }

    void randomSnapshotsMergeIntoWhatAFreshModelShows()
    {
        const quint32 seed = QRandomGenerator::global()->generate();
        QRandomGenerator random(seed);
        for (int round = 0; round < 300; ++round) {
            Pairs edges;
            const int count = static_cast<int>(random.bounded(12));
            for (int edge = 0; edge < count; ++edge)
                edges.emplace_back(static_cast<int>(random.bounded(1, 9)), static_cast<int>(random.bounded(1, 9)));
            show(edges);
            LockTreeModel fresh;
            fresh.setSnapshots(serverWith(snapshotOf(edges)), {}, at(std::chrono::seconds(0)));
            QVERIFY2(shape(*m_model) == shape(fresh),
                     qPrintable(QStringLiteral("seed %1, round %2").arg(seed).arg(round)));
        }
    }

private:
    void show(const Pairs &edges, std::chrono::seconds afterNoon = std::chrono::seconds(0))
    {
        m_model->setSnapshots(serverWith(snapshotOf(edges)), {}, at(afterNoon));
    }

    std::unique_ptr<LockTreeModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
};

QTEST_GUILESS_MAIN(TstLockTreeModel)
#include "tst_locktreemodel.moc"
