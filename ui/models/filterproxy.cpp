// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/filterproxy.h"

#include "ui/models/roles.h"

#include <algorithm>

namespace tidemark::ui {

FilterProxy::FilterProxy(QObject *parent)
    : QSortFilterProxyModel(parent)
{
    setSortRole(SortRole);
    setRecursiveFilteringEnabled(true);
    setDynamicSortFilter(true);
}

void FilterProxy::setFilterText(const QString &text)
{
    if (text == m_text)
        return;
    m_text = text;
    m_words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    invalidateFilter();
}

bool FilterProxy::filterAcceptsRow(int sourceRow, const QModelIndex &sourceParent) const
{
    return std::all_of(m_words.begin(), m_words.end(), [&](const QString &word) {
        for (int column = 0; column < sourceModel()->columnCount(sourceParent); ++column) {
            const QModelIndex at = sourceModel()->index(sourceRow, column, sourceParent);
            if (at.data(Qt::DisplayRole).toString().contains(word, Qt::CaseInsensitive)
                || at.data(PlainRole).toString().contains(word, Qt::CaseInsensitive)
                || at.data(DetailRole).toString().contains(word, Qt::CaseInsensitive))
                return true;
        }
        return false;
    });
}

bool FilterProxy::lessThan(const QModelIndex &left, const QModelIndex &right) const
{
    const QVariant a = left.data(sortRole());
    const QVariant b = right.data(sortRole());
    const bool ascending = sortOrder() == Qt::AscendingOrder;
    if (a.isValid() != b.isValid())
        return a.isValid() == ascending;
    if (a.isValid()) {
        const bool texts = a.typeId() == QMetaType::QString && b.typeId() == QMetaType::QString;
        const QPartialOrdering order = texts
                                           ? (a.toString().localeAwareCompare(b.toString()) < 0 ? QPartialOrdering::Less
                                              : a.toString() == b.toString() ? QPartialOrdering::Equivalent
                                                                             : QPartialOrdering::Greater)
                                           : QVariant::compare(a, b);
        if (order == QPartialOrdering::Less)
            return true;
        if (order == QPartialOrdering::Greater)
            return false;
    }
    return ascending ? left.row() < right.row() : left.row() > right.row();
}

} // namespace tidemark::ui
