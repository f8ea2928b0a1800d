// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/filterproxy.h"

#include <QTreeView>

namespace tidemark::ui {

class ColumnFit;

/// The tree of a page: filtered, in its model's own order, unfolded as it grows. Column widths come from the model.
class DataTree : public QTreeView
{
    Q_OBJECT

public:
    explicit DataTree(const QString &accessibleName, QWidget *parent = nullptr);

    void setSource(QAbstractItemModel *source);
    void setFilterText(const QString &text);
    [[nodiscard]] QModelIndex currentSource() const;
    void setCurrentSource(const QModelIndex &source);
    void copySelection() const;
    /// Shows the column, where there is room, or does not.
    void setColumnWanted(int column, bool wanted);
    /// What is shown, parents before their children, with ExportRole values; header line of column ids, before them the
    /// depth, from 0.
    [[nodiscard]] QString toCsv() const;

Q_SIGNALS:
    void exportRequested();
    void currentRowChanged(const QModelIndex &source);

protected:
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void drawBranches(QPainter *painter, const QRect &rect, const QModelIndex &index) const override;
    void changeEvent(QEvent *event) override;

private:
    void applyHeights();

    FilterProxy *m_proxy;
    ColumnFit *m_fit;
};

} // namespace tidemark::ui
