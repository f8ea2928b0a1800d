// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/tablecandidates.h"

#include "core/pg/sqllibrary.h"

namespace tidemark {

bool RangeColumn::isInteger() const
{
    return type == QLatin1String("bigint") || type == QLatin1String("integer") || type == QLatin1String("smallint");
}

Result<std::vector<TableCandidate>> readCandidates(pg::Session &session, CandidatesFor change,
                                                   const pg::CallOptions &call)
{
    const auto &query = pg::SqlLibrary::builtIn().query(
        change == CandidatesFor::Backfill ? QStringLiteral("backfill/candidates") : QStringLiteral("stage/candidates"),
        session.serverVersion());
    const auto rows = session.exec(query.sql, {}, call);
    if (!rows)
        return fail(rows.error().within(QStringLiteral("listing the tables")));
    const auto primaryKey = rows->column("primary_key");
    std::vector<TableCandidate> candidates;
    for (int row = 0; row < rows->rowCount(); ++row) {
        TableCandidate candidate;
        candidate.oid = rows->oid(row, rows->column("oid"));
        candidate.name = {rows->text(row, rows->column("schema")), rows->text(row, rows->column("name"))};
        candidate.rowEstimate = rows->int64(row, rows->column("rows"));
        candidate.bytes = rows->int64(row, rows->column("bytes"));
        if (!rows->isNull(row, primaryKey))
            candidate.primaryKey = rows->texts(row, primaryKey);
        const bool isAsked = change == CandidatesFor::StagedMigration;
        if (isAsked && !rows->isNull(row, rows->column("key_columns"))) {
            const QStringList names = rows->texts(row, rows->column("key_columns"));
            const QStringList types = rows->texts(row, rows->column("key_types"));
            for (qsizetype i = 0; i < names.size() && i < types.size(); ++i)
                candidate.rangeColumns.push_back({names[i], types[i]});
        }
        candidates.push_back(std::move(candidate));
    }
    return candidates;
}

} // namespace tidemark
