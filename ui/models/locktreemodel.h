// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/locks.h"
#include "ui/models/column.h"
#include "ui/models/snapshots.h"

#include <QAbstractItemModel>

#include <memory>
#include <optional>
#include <vector>

namespace tidemark::ui {

/// What the lock tree tells of a row besides the roles of all models.
enum LockRole : int {
    PartyRole = Qt::UserRole + 51, ///< LockParty
    WaitingMsRole,                 ///< qint64; nothing for who does not wait
    BlocksRole,                    ///< int: how many wait for it, directly or not
};

/// A party at one of its places in the tree.
struct LockRow
{
    QString server;
    LockParty party;
    int blocks = 0;
    bool isWaiting = false;
    bool isSoft = false; ///< the party above it does not hold the lock either, it only stands before it in the queue
    bool shownAbove = false;             ///< its own waiters stand at its first place
    std::optional<Instant> longestBelow; ///< since when who waits longest below it has been waiting
    friend bool operator==(const LockRow &, const LockRow &) = default;
};

/// Who waits for whom on the servers in scope, as a forest: root blockers worst first, below each who waits for it. A new
/// snapshot is merged in: a party that stays below the same parent stays the same item, wherever it moves to, so that
/// selection and what is unfolded survive. GUI thread only.
class LockTreeModel final : public QAbstractItemModel
{
    Q_OBJECT

public:
    /// Columns, in the order of the model.
    enum ColumnNumber { Who, Pid, Doing, Wanted, Object, Waiting, Blocks, Query, Server };

    explicit LockTreeModel(QObject *parent = nullptr);
    ~LockTreeModel() override;

    /// Costs nothing but the waiting times where no locks were published since the call before. Locks belong to a whole
    /// server, so of the scope only that counts.
    void setSnapshots(const Snapshots &snapshots, const Scope &scope, const Moments &moments);
    /// Turns the clock on.
    void setMoments(const Moments &moments);

    [[nodiscard]] const LockRow &row(const QModelIndex &index) const;
    /// The first place of a backend in the tree, in the order people read.
    [[nodiscard]] QModelIndex indexOf(const QString &server, int pid) const;

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex &index) const override;
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Item;
    using Items = std::vector<std::unique_ptr<Item>>;
    struct Source
    {
        QString server;
        std::shared_ptr<const LockSnapshot> locks;
        friend bool operator==(const Source &, const Source &) = default;
    };

    void describeColumns();
    [[nodiscard]] static Items itemsOf(const Source &source);
    [[nodiscard]] const Item &item(const QModelIndex &index) const;
    [[nodiscard]] QModelIndex indexOf(const Item &item, int column = 0) const;
    [[nodiscard]] std::optional<Millis> waited(const LockRow &row) const;
    [[nodiscard]] Severity severityOf(const LockRow &row) const;
    void merge(Item &parent, Items next);
    void removeMissing(Item &parent, const Items &next);
    static void adopt(Item &parent, Item &child);
    void announceAges(const Item &parent);

    std::vector<Column<LockRow>> m_columns;
    std::unique_ptr<Item> m_root;
    std::vector<Source> m_sources;
    Moments m_moments;
    Millis m_longestWait{0}; ///< of all rows: the full length of a bar
};

} // namespace tidemark::ui

Q_DECLARE_METATYPE(tidemark::LockParty)
