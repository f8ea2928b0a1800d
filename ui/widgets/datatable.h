// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/filterproxy.h"
#include "ui/models/roles.h"

#include <QTableView>

namespace tidemark::ui {

class ColumnFit;

/// The table of every page: filter and sort by roles, whole rows, column layout kept by column id, copy and CSV. It shows
/// a source model through its own FilterProxy; indexes it hands out are the source's. Actions added to it stand first in its
/// context menu.
class DataTable : public QTableView
{
    Q_OBJECT

public:
    explicit DataTable(const QString &accessibleName, QWidget *parent = nullptr);

    void setSource(QAbstractItemModel *source);
    [[nodiscard]] FilterProxy *proxy() const { return m_proxy; }
    void setFilterText(const QString &text) { m_proxy->setFilterText(text); }
    void sortByColumnId(const QByteArray &id, Qt::SortOrder order);
    void setDelegateFor(const QByteArray &columnId, QAbstractItemDelegate *delegate);

    [[nodiscard]] QModelIndex currentSource() const;
    /// Selects and scrolls to the row of this object; false when it is not there.
    bool selectObject(const ObjectRef &object);
    void selectFirst();

    /// What is shown, in its order, with ExportRole values; header line of column ids.
    [[nodiscard]] QString toCsv() const;
    /// What is seen, in its order, with the words and columns on screen: for tickets and chats.
    [[nodiscard]] QString toMarkdown() const;
    void copySelection() const;
    /// Shows the column, where there is room, or does not.
    void setColumnWanted(int column, bool wanted);

    /// Widths, order, hidden columns and sort as text, by column id.
    [[nodiscard]] QString saveLayout() const;
    void restoreLayout(const QString &layout);

Q_SIGNALS:
    /// The current row moved; invalid when nothing is current.
    void currentRowChanged(const QModelIndex &source);
    void rowActivated(const QModelIndex &source);
    void exportRequested();

protected:
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    [[nodiscard]] int columnOf(const QByteArray &id) const;
    void applyHeights();
    void showHeaderMenu(const QPoint &position);

    FilterProxy *m_proxy;
    ColumnFit *m_fit;
};

/// RFC 4180, lines ended by "\n", of any model.
[[nodiscard]] QString csvOf(const QAbstractItemModel &model);
[[nodiscard]] QString csvField(const QString &text);

} // namespace tidemark::ui
