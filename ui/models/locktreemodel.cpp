// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/locktreemodel.h"

#include "core/base/units.h"
#include "core/catalog/locktag.h"
#include "ui/models/severity.h"
#include "ui/models/texts.h"

#include <QCoreApplication>
#include <QLocale>
#include <QSet>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>

namespace tidemark::ui {

struct LockTreeModel::Item
{
    QString key; ///< among its siblings
    LockRow row;
    Item *parent = nullptr;
    int position = 0; ///< in the parent's children
    Items children;

    void renumber(std::size_t from)
    {
        for (std::size_t at = from; at < children.size(); ++at)
            children[at]->position = static_cast<int>(at);
    }
};

namespace {

QString keyOf(const QString &server, const LockParty &party)
{
    const QString start = party.backendStart ? QString::number(toEpochMicros(*party.backendStart)) : QString();
    return QStringLiteral("%1/%2/%3/%4").arg(server, QString::number(party.pid), start, party.preparedGid);
}

QString whoText(const LockParty &party)
{
    if (party.pid == 0) {
        return party.preparedGid.isEmpty() ? LockTreeModel::tr("a prepared transaction")
                                           : LockTreeModel::tr("prepared transaction %1").arg(party.preparedGid);
    }
    if (party.applicationName.isEmpty() && party.user.isEmpty())
        return LockTreeModel::tr("backend %1").arg(party.pid);
    if (party.applicationName.isEmpty())
        return party.user;
    return party.user.isEmpty() ? party.applicationName
                                : QStringLiteral("%1 (%2)").arg(party.applicationName, party.user);
}

QString whoToolTip(const LockParty &party)
{
    QStringList lines{whoText(party)};
    if (!party.database.isEmpty())
        lines << LockTreeModel::tr("database %1").arg(party.database);
    if (!party.clientAddress.isEmpty())
        lines << LockTreeModel::tr("from %1").arg(party.clientAddress);
    if (party.backendStart)
        lines << LockTreeModel::tr("connected %1").arg(texts::absolute(*party.backendStart));
    return lines.join(QLatin1Char('\n'));
}

QString doingText(const LockParty &party, Instant now)
{
    const QString open =
        party.xactStart
            ? LockTreeModel::tr("transaction open for %1").arg(texts::span(millisBetween(*party.xactStart, now)))
            : QString();
    if (party.pid == 0)
        return open.isEmpty() ? LockTreeModel::tr("prepared")
                              : QStringLiteral("%1, %2").arg(LockTreeModel::tr("prepared"), open);
    if (party.state.isEmpty())
        return party.backendStart ? open : LockTreeModel::tr("hidden");
    return open.isEmpty() ? party.state : QStringLiteral("%1, %2").arg(party.state, open);
}

QString lockText(const LockRow &row)
{
    if (row.isWaiting)
        return row.party.wantedMode.isEmpty() ? row.party.lockType
                                              : LockTreeModel::tr("wants %1").arg(row.party.wantedMode);
    return row.party.heldMode.isEmpty() ? QString() : LockTreeModel::tr("holds %1").arg(row.party.heldMode);
}

QString lockDetail(const LockRow &row)
{
    if (row.isSoft)
        return LockTreeModel::tr("stands behind it in the queue");
    return row.isWaiting && !row.party.heldMode.isEmpty() ? LockTreeModel::tr("holds %1").arg(row.party.heldMode)
                                                          : QString();
}

} // namespace

LockTreeModel::LockTreeModel(QObject *parent)
    : QAbstractItemModel(parent)
    , m_root(std::make_unique<Item>())
{
    describeColumns();
}

LockTreeModel::~LockTreeModel() = default;

void LockTreeModel::describeColumns()
{
    using Row = LockRow;
    const auto severity = [this](const Row &row) { return severityOf(row); };
    m_columns.push_back(
        {.id = "who",
         .title = tr("Who"),
         .text = [](const Row &row) { return whoText(row.party); },
         .severity = severity,
         .toolTip = [](const Row &row) { return whoToolTip(row.party); },
         .detail = [](const Row &row) { return row.shownAbove ? tr("its waiters stand above") : QString(); },
         .chars = 30});
    m_columns.push_back(
        {.id = "pid",
         .title = tr("PID"),
         .text = [](const Row &row) { return row.party.pid != 0 ? QString::number(row.party.pid) : QString(); },
         .sort = [](const Row &row) { return row.party.pid != 0 ? QVariant(row.party.pid) : QVariant(); },
         .severity = severity,
         .numeric = true,
         .chars = 8,
         .spare = 9});
    m_columns.push_back(
        {.id = "state",
         .title = tr("Does"),
         .text = [this](const Row &row) { return doingText(row.party, m_moments.of(row.server)); },
         .sort =
             [](const Row &row) {
                 return row.party.xactStart ? QVariant(toEpochMicros(*row.party.xactStart)) : QVariant();
             },
         .severity = severity,
         .toolTip =
             [](const Row &row) { return row.party.xactStart ? texts::absolute(*row.party.xactStart) : QString(); },
         .exported = [](const Row &row) { return row.party.state; },
         .ages = true,
         .chars = 24,
         .spare = 6});
    m_columns.push_back({.id = "lock",
                         .title = tr("Lock"),
                         .text = lockText,
                         .sort =
                             [](const Row &row) {
                                 const int strength = lockModeStrength(row.isWaiting ? row.party.wantedMode
                                                                                     : row.party.heldMode);
                                 return strength != 0 ? QVariant(strength) : QVariant();
                             },
                         .severity = severity,
                         .detail = lockDetail,
                         .exported = lockText,
                         .chars = 24});
    m_columns.push_back({.id = "object",
                         .title = tr("Object"),
                         .text = [](const Row &row) { return row.party.object; },
                         .severity = severity,
                         .toolTip = [](const Row &row) { return row.party.object; },
                         .chars = 22});
    m_columns.push_back({.id = "waiting",
                         .title = tr("Waiting"),
                         .text =
                             [this](const Row &row) {
                                 const auto wait = waited(row);
                                 return wait ? units::duration(*wait) : QString();
                             },
                         .sort =
                             [this](const Row &row) {
                                 const auto wait = waited(row);
                                 return wait ? QVariant(static_cast<qint64>(wait->count())) : QVariant();
                             },
                         .severity = severity,
                         .toolTip =
                             [](const Row &row) {
                                 return row.isWaiting && row.party.waitingSince
                                            ? texts::absolute(*row.party.waitingSince)
                                            : QString();
                             },
                         .number =
                             [this](const Row &row) {
                                 const auto wait = waited(row);
                                 const auto longest = static_cast<double>(m_longestWait.count());
                                 return wait && longest > 0 ? static_cast<double>(wait->count()) / longest : 0.0;
                             },
                         .numeric = true,
                         .ages = true,
                         .chars = 12});
    m_columns.push_back(
        {.id = "blocks",
         .title = tr("Blocks"),
         .text = [](const Row &row) { return row.blocks != 0 ? QLocale().toString(row.blocks) : QString(); },
         .sort = [](const Row &row) { return row.blocks; },
         .severity = severity,
         .toolTip =
             [](const Row &row) {
                 // Behind a nested type of the class, lupdate no longer knows which context tr() means.
                 return QCoreApplication::translate("tidemark::ui::LockTreeModel", "%n wait(s) for it, directly or not",
                                                    nullptr, row.blocks);
             },
         .numeric = true,
         .chars = 7});
    m_columns.push_back({.id = "query",
                         .title = tr("Query"),
                         .text = [](const Row &row) { return row.party.query.simplified(); },
                         .severity = severity,
                         .toolTip = [](const Row &row) { return row.party.query; },
                         .exported = [](const Row &row) { return row.party.query; },
                         .chars = 40,
                         .stretch = true,
                         .spare = 7});
    m_columns.push_back({.id = "server",
                         .title = tr("Server"),
                         .text = [](const Row &row) { return row.server; },
                         .severity = severity,
                         .chars = 14,
                         .spare = 8});
}

std::optional<Millis> LockTreeModel::waited(const LockRow &row) const
{
    if (!row.isWaiting || !row.party.waitingSince)
        return std::nullopt;
    // A replayed or late clock may stand before the wait began.
    return std::max(Millis(0), millisBetween(*row.party.waitingSince, m_moments.of(row.server)));
}

Severity LockTreeModel::severityOf(const LockRow &row) const
{
    if (row.isWaiting)
        return severityOfWait(waited(row).value_or(Millis(0)));
    return row.longestBelow ? severityOfWait(millisBetween(*row.longestBelow, m_moments.of(row.server)))
                            : Severity::Notice;
}

LockTreeModel::Items LockTreeModel::itemsOf(const Source &source)
{
    const LockSnapshot &locks = *source.locks;
    std::map<std::pair<int, int>, bool> soft; // by waiter and blocker
    std::vector<bool> waits(locks.parties.size(), false);
    for (const LockEdge &edge : locks.edges) {
        soft[{edge.waiter, edge.blocker}] = edge.soft;
        waits[static_cast<std::size_t>(edge.waiter)] = true;
    }

    const std::function<std::unique_ptr<Item>(const LockNode &, int)> make = [&](const LockNode &node, int above) {
        auto item = std::make_unique<Item>();
        const auto party = static_cast<std::size_t>(node.party);
        LockRow &row = item->row;
        row.server = source.server;
        row.party = locks.parties[party];
        row.blocks = node.blocks;
        row.isWaiting = waits[party]; // also the root of a cycle
        const auto edge = soft.find({node.party, above});
        row.isSoft = edge != soft.end() && edge->second;
        row.shownAbove = node.shownAbove;
        item->key = keyOf(source.server, row.party);
        for (const LockNode &waiter : node.waiters) {
            auto child = make(waiter, node.party);
            for (const auto &since : {child->row.party.waitingSince, child->row.longestBelow}) {
                if (since && (!row.longestBelow || *since < *row.longestBelow))
                    row.longestBelow = since;
            }
            item->children.push_back(std::move(child));
        }
        return item;
    };
    Items items;
    for (const LockNode &root : lockForest(locks))
        items.push_back(make(root, -1));
    return items;
}

void LockTreeModel::setSnapshots(const Snapshots &snapshots, const Scope &scope, const Moments &moments)
{
    std::vector<Source> sources;
    for (const ServerSnapshotPtr &snapshot : snapshots) {
        if (scope.covers(snapshot->name) && snapshot->locks)
            sources.push_back({snapshot->name, snapshot->locks});
    }
    if (sources != m_sources) {
        m_sources = std::move(sources);
        Items next;
        for (const Source &source : m_sources)
            std::ranges::move(itemsOf(source), std::back_inserter(next));
        std::stable_sort(next.begin(), next.end(),
                         [](const auto &left, const auto &right) { return left->row.blocks > right->row.blocks; });
        merge(*m_root, std::move(next));
    }
    setMoments(moments);
}

void LockTreeModel::setMoments(const Moments &moments)
{
    m_moments = moments;
    m_longestWait = Millis(0);
    for (const auto &root : m_root->children) {
        for (const auto &since : {root->row.longestBelow, root->row.party.waitingSince}) {
            if (since)
                m_longestWait = std::max(m_longestWait, millisBetween(*since, m_moments.of(root->row.server)));
        }
    }
    announceAges(*m_root);
}

void LockTreeModel::announceAges(const Item &parent)
{
    if (parent.children.empty())
        return;
    for (int column = 0; column < columnCount(); ++column) {
        if (m_columns[static_cast<std::size_t>(column)].ages)
            Q_EMIT dataChanged(indexOf(*parent.children.front(), column), indexOf(*parent.children.back(), column));
    }
    for (const auto &child : parent.children)
        announceAges(*child);
}

void LockTreeModel::removeMissing(Item &parent, const Items &next)
{
    QSet<QString> kept;
    for (const auto &item : next)
        kept.insert(item->key);
    auto &children = parent.children;
    std::size_t end = children.size();
    while (end > 0) {
        std::size_t begin = end;
        while (begin > 0 && !kept.contains(children[begin - 1]->key))
            --begin;
        if (begin < end) {
            beginRemoveRows(indexOf(parent), static_cast<int>(begin), static_cast<int>(end) - 1);
            children.erase(children.begin() + static_cast<std::ptrdiff_t>(begin),
                           children.begin() + static_cast<std::ptrdiff_t>(end));
            parent.renumber(begin);
            endRemoveRows();
        }
        end = begin > 0 ? begin - 1 : 0;
    }
}

void LockTreeModel::merge(Item &parent, Items next)
{
    removeMissing(parent, next);
    auto &children = parent.children;
    const auto keyFrom = [&](std::size_t start, const QString &key) {
        return std::find_if(children.begin() + static_cast<std::ptrdiff_t>(start), children.end(),
                            [&](const auto &child) { return child->key == key; });
    };
    for (std::size_t at = 0; at < next.size(); ++at) {
        const auto place = children.begin() + static_cast<std::ptrdiff_t>(at);
        const auto known = keyFrom(at, next[at]->key);
        if (known == children.end()) {
            std::size_t end = at + 1;
            while (end < next.size() && keyFrom(at, next[end]->key) == children.end())
                ++end;
            beginInsertRows(indexOf(parent), static_cast<int>(at), static_cast<int>(end) - 1);
            for (std::size_t added = at; added < end; ++added)
                adopt(parent, *next[added]);
            children.insert(place, std::make_move_iterator(next.begin() + static_cast<std::ptrdiff_t>(at)),
                            std::make_move_iterator(next.begin() + static_cast<std::ptrdiff_t>(end)));
            parent.renumber(at);
            endInsertRows();
            at = end - 1;
            continue;
        }
        if (known != place) {
            const int from = static_cast<int>(known - children.begin());
            beginMoveRows(indexOf(parent), from, from, indexOf(parent), static_cast<int>(at));
            std::rotate(place, known, known + 1);
            parent.renumber(at);
            endMoveRows();
        }
        Item &item = *children[at];
        if (item.row != next[at]->row) {
            item.row = std::move(next[at]->row);
            Q_EMIT dataChanged(indexOf(item), indexOf(item, columnCount() - 1));
        }
        merge(item, std::move(next[at]->children));
    }
}

void LockTreeModel::adopt(Item &parent, Item &child)
{
    child.parent = &parent;
    child.renumber(0);
    for (const auto &grandchild : child.children)
        adopt(child, *grandchild);
}

const LockTreeModel::Item &LockTreeModel::item(const QModelIndex &index) const
{
    return index.isValid() ? *static_cast<const Item *>(index.constInternalPointer()) : *m_root;
}

QModelIndex LockTreeModel::indexOf(const Item &item, int column) const
{
    return &item == m_root.get() ? QModelIndex() : createIndex(item.position, column, &item);
}

const LockRow &LockTreeModel::row(const QModelIndex &index) const
{
    return item(index).row;
}

QModelIndex LockTreeModel::indexOf(const QString &server, int pid) const
{
    const std::function<const Item *(const Item &)> find = [&](const Item &item) -> const Item * {
        if (item.row.server == server && item.row.party.pid == pid)
            return &item;
        for (const auto &child : item.children) {
            if (const Item *found = find(*child))
                return found;
        }
        return nullptr;
    };
    for (const auto &root : m_root->children) {
        if (const Item *found = find(*root))
            return indexOf(*found);
    }
    return {};
}

QModelIndex LockTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, item(parent).children[static_cast<std::size_t>(row)].get());
}

QModelIndex LockTreeModel::parent(const QModelIndex &index) const
{
    if (!index.isValid())
        return {};
    return indexOf(*item(index).parent);
}

int LockTreeModel::rowCount(const QModelIndex &parent) const
{
    return parent.column() > 0 ? 0 : static_cast<int>(item(parent).children.size());
}

int LockTreeModel::columnCount(const QModelIndex &) const
{
    return static_cast<int>(m_columns.size());
}

QVariant LockTreeModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Item &at = item(index);
    const LockRow &row = at.row;
    switch (role) {
    case PartyRole:
        return QVariant::fromValue(row.party);
    case WaitingMsRole: {
        const auto wait = waited(row);
        return wait ? QVariant(static_cast<qint64>(wait->count())) : QVariant();
    }
    case BlocksRole:
        return row.blocks;
    case ObjectRole:
        return QVariant::fromValue(
            ObjectRef{ObjectKind::Backend, row.server, row.party.database, 0, {}, row.party.pid});
    case KeyRole:
        return at.parent == m_root.get() ? at.key
                                         : QString(data(parent(index), KeyRole).toString() + QLatin1Char('>') + at.key);
    default:
        return cellData(m_columns[static_cast<std::size_t>(index.column())], row, role);
    }
}

QVariant LockTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    return columnData(m_columns[static_cast<std::size_t>(section)], role);
}

} // namespace tidemark::ui
