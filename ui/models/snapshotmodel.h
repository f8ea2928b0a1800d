// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/column.h"
#include "ui/models/snapshots.h"

#include <QAbstractTableModel>

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

namespace tidemark::ui {

/// A table over the newest snapshot. setRows() merges by key, so that selection, scroll and sort survive: rows that are
/// gone are removed, new ones inserted, changed ones announced, the rest left alone. Rows stand in the order of their
/// keys; users sort through a FilterProxy. GUI thread only.
///
/// Row needs ==; Key needs < and ==. Two rows of one key are a fault of the caller; the first is kept.
template<typename Row, typename Key>
class SnapshotModel : public QAbstractTableModel
{
public:
    using KeyOf = std::function<Key(const Row &)>;

    explicit SnapshotModel(KeyOf keyOf, QObject *parent = nullptr)
        : QAbstractTableModel(parent)
        , m_keyOf(std::move(keyOf))
    {
    }

    /// Once, from the constructor of the model that knows its rows.
    void setColumns(std::vector<Column<Row>> columns) { m_columns = std::move(columns); }
    void setObjectOf(std::function<ObjectRef(const Row &)> objectOf) { m_objectOf = std::move(objectOf); }
    void setKeyText(std::function<QString(const Row &)> keyText) { m_keyText = std::move(keyText); }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
    }
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
    }

    [[nodiscard]] const Row &row(int index) const { return m_rows[static_cast<size_t>(index)]; }
    [[nodiscard]] const std::vector<Row> &rows() const { return m_rows; }
    [[nodiscard]] const Moments &moments() const { return m_moments; }

    [[nodiscard]] std::optional<int> indexOfKey(const Key &key) const
    {
        const auto found = std::lower_bound(
            m_rows.begin(), m_rows.end(), key,
            [this](const Row &row, const Key &wanted) { return m_keyOf(row) < wanted; });
        if (found == m_rows.end() || !(m_keyOf(*found) == key))
            return std::nullopt;
        return static_cast<int>(found - m_rows.begin());
    }

    /// A change of more scattered pieces than this resets the model: each piece moves all rows behind it.
    static constexpr int mostPieces = 1000;

    void setRows(std::vector<Row> rows)
    {
        const auto byKey = [this](const Row &a, const Row &b) { return m_keyOf(a) < m_keyOf(b); };
        if (!std::is_sorted(rows.begin(), rows.end(), byKey))
            std::stable_sort(rows.begin(), rows.end(), byKey);
        rows.erase(std::unique(rows.begin(), rows.end(),
                               [this](const Row &a, const Row &b) { return m_keyOf(a) == m_keyOf(b); }),
                   rows.end());
        if (pieces(rows) > mostPieces) {
            beginResetModel();
            m_rows = std::move(rows);
            endResetModel();
            return;
        }
        removeMissing(rows);
        insertAndUpdate(std::move(rows));
    }

    /// Turns the clock on: columns that show ages are announced as changed.
    void setMoments(const Moments &moments)
    {
        m_moments = moments;
        if (m_rows.empty())
            return;
        for (size_t column = 0; column < m_columns.size(); ++column) {
            if (m_columns[column].ages)
                Q_EMIT dataChanged(index(0, static_cast<int>(column)),
                                   index(static_cast<int>(m_rows.size()) - 1, static_cast<int>(column)));
        }
    }

    [[nodiscard]] QVariant data(const QModelIndex &at, int role) const override
    {
        if (!at.isValid())
            return {};
        const Row &row = m_rows[static_cast<size_t>(at.row())];
        if (role == ObjectRole)
            return m_objectOf ? QVariant::fromValue(m_objectOf(row)) : QVariant();
        if (role == KeyRole)
            return m_keyText ? QVariant(m_keyText(row)) : QVariant();
        return cellData(m_columns[static_cast<size_t>(at.column())], row, role);
    }

    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override
    {
        if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
            return {};
        return columnData(m_columns[static_cast<size_t>(section)], role);
    }

private:
    /// Contiguous removals and insertions that would turn the rows into `next`.
    [[nodiscard]] int pieces(const std::vector<Row> &next) const
    {
        enum class Run { None, Removing, Inserting } run = Run::None;
        int count = 0;
        size_t i = 0;
        size_t j = 0;
        while (i < m_rows.size() || j < next.size()) {
            const bool remove = j == next.size() || (i < m_rows.size() && m_keyOf(m_rows[i]) < m_keyOf(next[j]));
            const bool insert = !remove && (i == m_rows.size() || m_keyOf(next[j]) < m_keyOf(m_rows[i]));
            const Run now = remove ? Run::Removing : insert ? Run::Inserting : Run::None;
            count += now != Run::None && now != run ? 1 : 0;
            run = now;
            i += insert ? 0 : 1;
            j += remove ? 0 : 1;
        }
        return count;
    }

    void removeMissing(const std::vector<Row> &next)
    {
        size_t j = next.size();
        size_t end = m_rows.size();
        while (end > 0) {
            size_t begin = end;
            while (begin > 0) {
                const Key key = m_keyOf(m_rows[begin - 1]);
                while (j > 0 && key < m_keyOf(next[j - 1]))
                    --j;
                if (j > 0 && m_keyOf(next[j - 1]) == key)
                    break;
                --begin;
            }
            if (begin < end) {
                beginRemoveRows({}, static_cast<int>(begin), static_cast<int>(end) - 1);
                m_rows.erase(m_rows.begin() + static_cast<std::ptrdiff_t>(begin),
                             m_rows.begin() + static_cast<std::ptrdiff_t>(end));
                endRemoveRows();
            }
            end = begin > 0 ? begin - 1 : 0;
        }
    }

    /// Every row that is left has its counterpart in `next`.
    void insertAndUpdate(std::vector<Row> next)
    {
        std::optional<int> firstChanged;
        const auto announce = [this, &firstChanged](int past) {
            if (firstChanged)
                Q_EMIT dataChanged(index(*firstChanged, 0), index(past - 1, columnCount() - 1));
            firstChanged.reset();
        };
        size_t at = 0;
        while (at < next.size()) {
            if (at < m_rows.size() && m_keyOf(m_rows[at]) == m_keyOf(next[at])) {
                if (m_rows[at] == next[at]) {
                    announce(static_cast<int>(at));
                } else {
                    m_rows[at] = std::move(next[at]);
                    if (!firstChanged)
                        firstChanged = static_cast<int>(at);
                }
                ++at;
                continue;
            }
            announce(static_cast<int>(at));
            size_t end = at + 1;
            while (end < next.size() && (at == m_rows.size() || m_keyOf(next[end]) < m_keyOf(m_rows[at])))
                ++end;
            beginInsertRows({}, static_cast<int>(at), static_cast<int>(end) - 1);
            m_rows.insert(m_rows.begin() + static_cast<std::ptrdiff_t>(at),
                          std::make_move_iterator(next.begin() + static_cast<std::ptrdiff_t>(at)),
                          std::make_move_iterator(next.begin() + static_cast<std::ptrdiff_t>(end)));
            endInsertRows();
            at = end;
        }
        announce(static_cast<int>(at));
    }

    KeyOf m_keyOf;
    std::vector<Column<Row>> m_columns;
    std::function<ObjectRef(const Row &)> m_objectOf;
    std::function<QString(const Row &)> m_keyText;
    std::vector<Row> m_rows;
    Moments m_moments;
};

} // namespace tidemark::ui
