// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>
#include <QSet>
#include <QTimer>
#include <QVariant>

class QAbstractItemView;
class QHeaderView;

namespace tidemark::ui {

/// Gives the columns of a table or tree the width of what stands in them, and one column, the model's choice, what is
/// left. Where the view is too narrow for all, columns that can be spared are hidden, and come back when there is room; who
/// shows or hides one by hand keeps it so. Where that is not enough the widest are elided, down to their titles, before
/// anything has to be scrolled to. Columns only grow while rows come and go, so that nothing jumps; once the user sizes
/// one, or a layout is restored, they are the user's.
class ColumnFit : public QObject
{
    Q_OBJECT

public:
    ColumnFit(QAbstractItemView *view, QHeaderView *header);

    /// The view got its model.
    void begin();
    /// The view's width or its hidden columns changed.
    void stretch();
    /// Whether the page has a use for the column now.
    void setWanted(int column, bool wanted);
    /// The user chose whether this column shows.
    void keep(int column);
    [[nodiscard]] bool isKept(int column) const { return m_kept.contains(column); }
    /// Whether it is hidden for want of room alone.
    [[nodiscard]] bool gaveWay(int column) const { return m_gaveWay.contains(column); }
    void setUserSized(bool userSized) { m_userSized = userSized; }
    [[nodiscard]] bool isUserSized() const { return m_userSized; }

private:
    void fit();
    void giveWay();
    /// Gives all columns but one what stands in them, and where that is more than the room, the widest of them less.
    void squeeze(int room, int but);
    /// Where the column that takes what is left is hidden.
    void stretchLast();
    [[nodiscard]] int contentWidth(int column) const;
    [[nodiscard]] int titleWidth(int column) const;
    [[nodiscard]] int leastWidth(int column) const;
    [[nodiscard]] QVariant headerOf(int column, int role) const;

    QAbstractItemView *m_view;
    QHeaderView *m_header;
    QTimer m_soon;
    QHash<int, int> m_widths; ///< of what stands in each column
    QSet<int> m_gaveWay;
    QSet<int> m_kept;
    QSet<int> m_unwanted;
    bool m_own = false;    ///< the resizing is ours
    bool m_fitted = false; ///< to rows, not to titles alone
    bool m_userSized = false;
};

} // namespace tidemark::ui
