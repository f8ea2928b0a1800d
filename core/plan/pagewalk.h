// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/action.h"
#include "core/plan/chunkledger.h"

namespace tidemark {

/// The pages of one table as of a moment: under another file node they are others.
struct TablePages
{
    quint32 fileNode = 0;
    qint64 count = 0;
    qint64 rowEstimate = -1; ///< -1: never analysed
};

/// Error: Missing.
[[nodiscard]] Result<TablePages> readTablePages(pg::Session &session, const pg::QualifiedName &table);

/// True for the rows of the pages from $1 up to, without it, $2, for a server's version. `of` is "alias." where a statement
/// reads several tables.
[[nodiscard]] QString onPagesSql(int serverVersion, const QString &of = {});

/// A walk over a table by ranges of its pages, on several sessions at once. Each range is a transaction behind the fence
/// that marks itself done, so that whoever goes on after a crash does exactly the rest; its size follows
/// RunSettings::chunkTime.
struct PageWalk
{
    /// What is done with the pages from `from` up to, without it, `to`. Returns the rows.
    using Work = std::function<Result<qint64>(pg::Transaction &transaction, qint64 from, qint64 to,
                                              const pg::CallOptions &call)>;

    pg::QualifiedName table;
    TablePages pages;  ///< as read before; what is appended later is not walked
    QJsonObject label; ///< tells the chunks of this walk from others of the same step
    Work work;

    /// False where TRUNCATE, VACUUM FULL or CLUSTER gave the table other pages: what was done belongs to no page now.
    [[nodiscard]] Result<bool> walk(StepContext &context, const ChunkLedger &ledger) const;
};

} // namespace tidemark
