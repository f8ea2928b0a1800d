// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/datatree.h"

#include "ui/models/roles.h"
#include "ui/services/theme.h"
#include "ui/widgets/columnfit.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/flatheader.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>

#include <algorithm>

namespace tidemark::ui {

DataTree::DataTree(const QString &accessibleName, QWidget *parent)
    : QTreeView(parent)
    , m_proxy(new FilterProxy(this))
    , m_fit(nullptr)
{
    setHeader(new FlatHeader(this));
    m_fit = new ColumnFit(this, header());
    setAccessibleName(accessibleName);
    setItemDelegate(new CellDelegate(this));
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setUniformRowHeights(true);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setFrameShape(QFrame::NoFrame);
    setMouseTracking(true);
    setSortingEnabled(false);
    setExpandsOnDoubleClick(false);
    header()->setStretchLastSection(false);
    header()->setFirstSectionMovable(false);
    applyHeights();
}

void DataTree::setSource(QAbstractItemModel *source)
{
    m_proxy->setSourceModel(source);
    setModel(m_proxy);
    connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex &current) { Q_EMIT currentRowChanged(m_proxy->mapToSource(current)); });
    // Who begins to wait is to be seen, not to be unfolded.
    connect(m_proxy, &QAbstractItemModel::rowsInserted, this, [this](const QModelIndex &parent, int first, int last) {
        if (parent.isValid())
            expand(parent);
        for (int row = first; row <= last; ++row)
            expandRecursively(m_proxy->index(row, 0, parent));
    });
    connect(m_proxy, &QAbstractItemModel::modelReset, this, &QTreeView::expandAll);
    expandAll();
    m_fit->begin();
}

void DataTree::setFilterText(const QString &text)
{
    m_proxy->setFilterText(text);
    expandAll();
}

QModelIndex DataTree::currentSource() const
{
    return m_proxy->mapToSource(currentIndex());
}

void DataTree::setCurrentSource(const QModelIndex &source)
{
    const QModelIndex index = m_proxy->mapFromSource(source);
    setCurrentIndex(index);
    scrollTo(index);
}

void DataTree::copySelection() const
{
    QStringList lines;
    for (const QModelIndex &row : selectionModel()->selectedRows()) {
        QStringList cells;
        for (int column = 0; column < m_proxy->columnCount(); ++column)
            cells << row.siblingAtColumn(column).data().toString();
        lines << cells.join(QLatin1Char('\t'));
    }
    QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

QString DataTree::toCsv() const
{
    const auto fieldOf = [](const QVariant &value) { return csvField(value.toString()); };
    QStringList header{QStringLiteral("depth")};
    for (int column = 0; column < m_proxy->columnCount(); ++column)
        header << fieldOf(m_proxy->headerData(column, Qt::Horizontal, ColumnIdRole));
    QStringList lines{header.join(QLatin1Char(','))};
    const auto add = [&](const auto &self, const QModelIndex &parent, int depth) -> void {
        for (int row = 0; row < m_proxy->rowCount(parent); ++row) {
            const QModelIndex first = m_proxy->index(row, 0, parent);
            QStringList cells{QString::number(depth)};
            for (int column = 0; column < m_proxy->columnCount(); ++column)
                cells << fieldOf(first.siblingAtColumn(column).data(ExportRole));
            lines << cells.join(QLatin1Char(','));
            self(self, first, depth + 1);
        }
    };
    add(add, {}, 0);
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

void DataTree::contextMenuEvent(QContextMenuEvent *event)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("&Copy rows"), QKeySequence::Copy, this, &DataTree::copySelection);
    menu->addAction(tr("Copy tree as C&SV"), this, [this]() { QGuiApplication::clipboard()->setText(toCsv()); });
    menu->addAction(tr("&Export…"), this, &DataTree::exportRequested);
    menu->popup(event->globalPos());
}

void DataTree::setColumnWanted(int column, bool wanted)
{
    m_fit->setWanted(column, wanted);
}

void DataTree::resizeEvent(QResizeEvent *event)
{
    QTreeView::resizeEvent(event);
    m_fit->stretch();
}

void DataTree::keyPressEvent(QKeyEvent *event)
{
    if (event == QKeySequence::Copy)
        copySelection();
    else
        QTreeView::keyPressEvent(event);
}

void DataTree::drawBranches(QPainter *painter, const QRect &rect, const QModelIndex &index) const
{
    const Theme &theme = Theme::of(palette());
    if (selectionModel()->isRowSelected(index.row(), index.parent()))
        painter->fillRect(rect, palette().color(QPalette::Highlight));
    painter->setPen(QPen(theme.grid, 1));
    painter->drawLine(rect.bottomLeft(), rect.bottomRight());
    QTreeView::drawBranches(painter, rect, index);
}

void DataTree::changeEvent(QEvent *event)
{
    QTreeView::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        applyHeights();
}

void DataTree::applyHeights()
{
    setIndentation(fontMetrics().height() * 5 / 4);
    header()->setMinimumSectionSize(fontMetrics().averageCharWidth() * 4);
}

} // namespace tidemark::ui
