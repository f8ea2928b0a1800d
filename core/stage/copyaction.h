// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/action.h"

namespace tidemark::stage {

/// What is copied where. Kept in Step::parameters.
struct CopySpec
{
    pg::QualifiedName source;
    pg::QualifiedName target; ///< without indexes; a partitioned one routes the rows itself
    QStringList columns;      ///< all but generated ones

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static Result<CopySpec> fromJson(const QJsonObject &json);
};

/// "stage.copy": copies a table by ranges of its pages, on several sessions, while others write to it.
///
/// Each chunk is a transaction that reads its pages at its own time and records itself; its size follows
/// RunSettings::chunkTime. What is inserted, updated or deleted meanwhile is copied or not, once or twice: the capture,
/// which was enabled before, has its keys, and purge and reconcile put it right. So only the pages there were at the
/// beginning need to be read.
///
/// TRUNCATE, VACUUM FULL and CLUSTER give the table other pages. Each chunk finds that out before it commits, and the copy
/// begins anew with an empty target.
class CopyAction final : public Action
{
public:
    [[nodiscard]] Result<StepOutcome> execute(StepContext &context) const override;
    /// Empties the target.
    [[nodiscard]] Status undo(StepContext &context) const override;

    /// The statement of one chunk, with the range of pages as $1 and $2 (the first page after it), for a server's version.
    [[nodiscard]] static QByteArray chunkSql(const CopySpec &spec, int serverVersion);
};

} // namespace tidemark::stage
