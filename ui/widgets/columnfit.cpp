// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/columnfit.h"

#include "ui/models/roles.h"

#include <QAbstractItemView>
#include <QGuiApplication>
#include <QHeaderView>
#include <QScopedValueRollback>
#include <QTreeView>

#include <algorithm>
#include <utility>

namespace tidemark::ui {

namespace {
constexpr int mostRowsMeasured = 60;
constexpr int growAgainAfterMs = 1000;
} // namespace

ColumnFit::ColumnFit(QAbstractItemView *view, QHeaderView *header)
    : QObject(view)
    , m_view(view)
    , m_header(header)
{
    m_soon.setSingleShot(true);
    connect(&m_soon, &QTimer::timeout, this, &ColumnFit::fit);
    connect(header, &QHeaderView::sectionResized, this, [this](int, int, int) {
        // Hiding a column resizes it, too; only a drag is the user's.
        if (!m_own && QGuiApplication::mouseButtons().testFlag(Qt::LeftButton))
            m_userSized = true;
    });
}

void ColumnFit::begin()
{
    const auto now = [this]() { m_soon.start(0); };
    connect(m_view->model(), &QAbstractItemModel::rowsInserted, this, now);
    connect(m_view->model(), &QAbstractItemModel::modelReset, this, now);
    connect(m_view->model(), &QAbstractItemModel::dataChanged, this, [this]() {
        if (!m_soon.isActive() && m_view->isVisible())
            m_soon.start(growAgainAfterMs);
    });
    fit();
}

int ColumnFit::contentWidth(int column) const
{
    const QAbstractItemModel *model = m_view->model();
    const QFontMetrics metrics = m_view->fontMetrics();
    int widest = 0;
    int measured = 0;
    QStyleOptionViewItem option;
    option.initFrom(m_view);
    option.font = m_view->font();
    option.fontMetrics = metrics;
    const auto *tree = qobject_cast<const QTreeView *>(m_view);
    const auto measure = [&](const auto &self, const QModelIndex &parent, int depth) -> void {
        for (int row = 0; row < model->rowCount(parent) && measured < mostRowsMeasured; ++row, ++measured) {
            const QModelIndex index = model->index(row, column, parent);
            const int indent = tree && column == 0 ? depth * tree->indentation() : 0;
            widest = std::max(widest, m_view->itemDelegateForIndex(index)->sizeHint(option, index).width() + indent);
            self(self, index.siblingAtColumn(0), depth + 1);
        }
    };
    measure(measure, {}, 1);
    const int chars = model->headerData(column, Qt::Horizontal, ColumnCharsRole).toInt();
    const int most = std::max(chars, 8) * metrics.averageCharWidth() * 3 / 2 + metrics.height();
    return std::max(titleWidth(column), std::min(widest, most));
}

int ColumnFit::titleWidth(int column) const
{
    const QFontMetrics metrics = m_view->fontMetrics();
    return metrics.horizontalAdvance(headerOf(column, Qt::DisplayRole).toString()) + metrics.height() * 2;
}

QVariant ColumnFit::headerOf(int column, int role) const
{
    return m_view->model()->headerData(column, Qt::Horizontal, role);
}

int ColumnFit::leastWidth(int column) const
{
    const int width = m_widths.value(column);
    if (!headerOf(column, ColumnStretchRole).toBool())
        return width;
    // The one that takes what is left may be elided beyond its usual width.
    const int chars = std::max(headerOf(column, ColumnCharsRole).toInt(), 12);
    return std::min(width, chars * m_view->fontMetrics().averageCharWidth());
}

void ColumnFit::fit()
{
    if (!m_view->model() || m_userSized)
        return;
    {
        const QScopedValueRollback own(m_own, true);
        const bool empty = m_view->model()->rowCount() == 0;
        for (int column = 0; column < m_header->count(); ++column) {
            const int chars = headerOf(column, ColumnCharsRole).toInt();
            const int content = contentWidth(column);
            const int width = empty ? std::max(content, chars * m_view->fontMetrics().averageCharWidth()) : content;
            m_widths[column] = m_fitted ? std::max(width, m_widths.value(column)) : width;
            m_header->resizeSection(column, m_widths[column]);
        }
        m_fitted = !empty;
    }
    stretch();
}

void ColumnFit::setWanted(int column, bool wanted)
{
    // A restored layout may have hidden it; who hid it by hand or for want of room keeps it so.
    const bool asItShould = wanted ? !m_unwanted.contains(column)
                                         && (!m_header->isSectionHidden(column) || m_gaveWay.contains(column)
                                             || m_kept.contains(column))
                                   : m_unwanted.contains(column) && m_header->isSectionHidden(column);
    if (asItShould)
        return;
    const QScopedValueRollback own(m_own, true);
    if (wanted)
        m_unwanted.remove(column);
    else
        m_unwanted.insert(column);
    m_gaveWay.remove(column);
    m_header->setSectionHidden(column, !wanted);
    if (wanted && m_widths.value(column) > 0 && !m_userSized)
        m_header->resizeSection(column, m_widths.value(column));
    stretch();
}

void ColumnFit::keep(int column)
{
    m_gaveWay.remove(column);
    m_kept.insert(column);
}

void ColumnFit::giveWay()
{
    QList<int> spared;
    int needed = 0;
    for (int column = 0; column < m_header->count(); ++column) {
        if (m_header->isSectionHidden(column) && !m_gaveWay.contains(column))
            continue;
        needed += leastWidth(column);
        if (headerOf(column, ColumnSpareRole).toInt() > 0 && !m_kept.contains(column))
            spared << column;
    }
    std::sort(spared.begin(), spared.end(), [this](int one, int other) {
        return headerOf(one, ColumnSpareRole).toInt() > headerOf(other, ColumnSpareRole).toInt();
    });
    QSet<int> away;
    for (const int column : std::as_const(spared)) {
        if (needed <= m_view->viewport()->width())
            break;
        needed -= leastWidth(column);
        away.insert(column);
    }
    m_gaveWay = away;
    for (const int column : std::as_const(spared)) {
        if (m_header->isSectionHidden(column) == away.contains(column))
            continue;
        m_header->setSectionHidden(column, away.contains(column));
        if (!away.contains(column))
            m_header->resizeSection(column, m_widths.value(column));
    }
}

void ColumnFit::squeeze(int room, int but)
{
    QList<int> columns;
    int widest = 0;
    for (int column = 0; column < m_header->count(); ++column) {
        if (column == but || m_header->isSectionHidden(column))
            continue;
        columns << column;
        widest = std::max(widest, m_widths.value(column));
    }
    const auto widthAt = [this](int column, int most) {
        const int own = m_widths.value(column);
        return std::min(own, std::max(most, titleWidth(column)));
    };
    const auto fits = [&](int most) {
        int sum = 0;
        for (const int column : std::as_const(columns))
            sum += widthAt(column, most);
        return sum <= room;
    };
    int most = widest;
    while (most > 0 && !fits(most))
        --most;
    for (const int column : std::as_const(columns))
        m_header->resizeSection(column, widthAt(column, most));
}

void ColumnFit::stretchLast()
{
    int last = -1;
    int others = 0;
    for (int visual = 0; visual < m_header->count(); ++visual) {
        const int column = m_header->logicalIndex(visual);
        if (m_header->isSectionHidden(column))
            continue;
        if (last >= 0)
            others += m_header->sectionSize(last);
        last = column;
    }
    if (last >= 0)
        m_header->resizeSection(last, std::max(m_header->sectionSize(last), m_view->viewport()->width() - others));
}

void ColumnFit::stretch()
{
    if (!m_view->model())
        return;
    const QScopedValueRollback own(m_own, true);
    if (!m_userSized && m_fitted)
        giveWay();
    int stretched = -1;
    for (int column = 0; column < m_header->count() && stretched < 0; ++column) {
        if (!m_header->isSectionHidden(column) && headerOf(column, ColumnStretchRole).toBool())
            stretched = column;
    }
    // When nothing is left that could give way it is elided further, and then the widest of the others are.
    const int least = stretched < 0 ? 0
                                    : std::min(leastWidth(stretched),
                                               m_view->fontMetrics().averageCharWidth() * (m_userSized ? 8 : 12));
    if (!m_userSized)
        squeeze(m_view->viewport()->width() - least, stretched);
    if (stretched < 0 && !m_userSized)
        stretchLast();
    if (stretched < 0)
        return;
    int others = 0;
    for (int column = 0; column < m_header->count(); ++column) {
        if (column != stretched && !m_header->isSectionHidden(column))
            others += m_header->sectionSize(column);
    }
    m_header->resizeSection(stretched, std::max(least, m_view->viewport()->width() - others));
}

} // namespace tidemark::ui
