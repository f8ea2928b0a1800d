// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/refreshorder.h"

#include "core/monitor/refreshclassifier.h"

namespace tidemark {

namespace {

/// What touched its content last locked out all readers: without the index that CONCURRENTLY needs nothing else can have.
bool lockedOutReaders(const MatviewRow &row)
{
    return row.isCreated || row.hasNewToast || row.hasNewIndexes.value_or(false) || row.unusableIndex != 0;
}

bool isExact(const LastRefresh &refresh)
{
    return refresh.at && !refresh.probable
           && (refresh.confidence == Confidence::Commit || refresh.confidence == Confidence::Exact);
}

/// The numbers of files rise, and go round.
bool isOlderFile(const MatviewRow &row, const MatviewRow &than)
{
    return static_cast<qint32>(than.relfilenode - row.relfilenode) > 0;
}

} // namespace

bool endsWithItsRefresh(const MatviewRow &row)
{
    // A refresh without an index leaves the rows uncounted (from 14 on), VACUUM FULL counts them.
    return row.isCreated || row.hasNewToast || (row.toast == 0 && row.rowsEstimate < 0);
}

RefreshOrder refreshOrder(const MatviewRow &source, const LastRefresh &sourceRefresh, const MatviewRow &reader,
                          const LastRefresh &readerRefresh, bool readerIsDated)
{
    const bool filesTell = lockedOutReaders(source) && endsWithItsRefresh(reader) && isOlderFile(source, reader);
    if (source.xmin == reader.xmin)
        return filesTell ? RefreshOrder::Included : RefreshOrder::Unknown;
    if (!isExact(readerRefresh) || !source.committedAt)
        return filesTell ? RefreshOrder::Included : RefreshOrder::Unknown;
    if (isExact(sourceRefresh) && *sourceRefresh.at > *readerRefresh.at)
        return RefreshOrder::After;
    // At the same time means by the same transaction.
    const bool isBefore = *source.committedAt < *readerRefresh.at;
    return isBefore && readerIsDated && lockedOutReaders(source) ? RefreshOrder::Included : RefreshOrder::Unknown;
}

} // namespace tidemark
