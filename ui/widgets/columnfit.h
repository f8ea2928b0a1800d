// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>

class QAbstractItemView;
class QHeaderView;

namespace tidemark::ui {

/// Gives the columns of a table or tree the width of what stands in them, and one column, the model's choice, what is
/// left. Columns only grow while rows come and go, so that nothing jumps; once the user sizes one, or a layout is
/// restored, they are the user's.
class ColumnFit : public QObject
{
    Q_OBJECT

public:
    ColumnFit(QAbstractItemView *view, QHeaderView *header);

    /// The view got its model.
    void begin();
    /// The view's width or its hidden columns changed.
    void stretch();
    void setUserSized(bool userSized) { m_userSized = userSized; }
    [[nodiscard]] bool isUserSized() const { return m_userSized; }

private:
    void fit();
    [[nodiscard]] int contentWidth(int column) const;

    QAbstractItemView *m_view;
    QHeaderView *m_header;
    QTimer m_soon;
    bool m_own = false;    ///< the resizing is ours
    bool m_fitted = false; ///< to rows, not to titles alone
    bool m_userSized = false;
};

} // namespace tidemark::ui
