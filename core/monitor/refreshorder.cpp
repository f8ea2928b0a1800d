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

/// Its file is that of its refresh, not of a VACUUM FULL since. A refresh without an index leaves the rows uncounted
/// (from 14 on).
bool fileIsOfTheRefresh(const MatviewRow &row)
{
    return row.isCreated || row.hasNewToast || (row.toast == 0 && row.rowsEstimate < 0);
}

/// The numbers of files rise, and go round.
bool isOlderFile(const MatviewRow &row, const MatviewRow &than)
{
    return static_cast<qint32>(than.relfilenode - row.relfilenode) > 0;
}

} // namespace

RefreshOrder refreshOrder(const MatviewRow &source, const MatviewRow &reader, const LastRefresh &readerRefresh)
{
    const bool filesTell = lockedOutReaders(source) && fileIsOfTheRefresh(reader);
    if (source.xmin == reader.xmin)
        return filesTell && isOlderFile(source, reader) ? RefreshOrder::Included : RefreshOrder::Unknown;

    const bool readerIsDated = readerRefresh.at && !readerRefresh.probable
                               && (readerRefresh.confidence == Confidence::Commit
                                   || readerRefresh.confidence == Confidence::Exact);
    if (source.committedAt && readerIsDated) {
        if (*source.committedAt > *readerRefresh.at)
            return RefreshOrder::After;
        return lockedOutReaders(source) ? RefreshOrder::Included : RefreshOrder::Unknown;
    }
    return filesTell && isOlderFile(source, reader) ? RefreshOrder::Included : RefreshOrder::Unknown;
}

} // namespace tidemark
