// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/stagecandidates.h"

#include "core/pg/sqllibrary.h"

namespace tidemark::stage {

bool RangeColumn::isInteger() const
{
    return type == QLatin1String("bigint") || type == QLatin1String("integer") || type == QLatin1String("smallint");
}

Result<std::vector<Candidate>> readCandidates(pg::Session &session, const pg::CallOptions &call)
{
    const auto &query = pg::SqlLibrary::builtIn().query(QStringLiteral("stage/candidates"), session.serverVersion());
    const auto rows = session.exec(query.sql, {}, call);
    if (!rows)
        return fail(rows.error().within(QStringLiteral("listing the tables")));
    const auto primaryKey = rows->column("primary_key");
    const auto keyColumns = rows->column("key_columns");
    const auto keyTypes = rows->column("key_types");
    std::vector<Candidate> candidates;
    for (int row = 0; row < rows->rowCount(); ++row) {
        Candidate candidate;
        candidate.oid = rows->oid(row, rows->column("oid"));
        candidate.name = {rows->text(row, rows->column("schema")), rows->text(row, rows->column("name"))};
        candidate.rowEstimate = rows->int64(row, rows->column("rows"));
        candidate.bytes = rows->int64(row, rows->column("bytes"));
        if (!rows->isNull(row, primaryKey))
            candidate.primaryKey = rows->texts(row, primaryKey);
        if (!rows->isNull(row, keyColumns)) {
            const QStringList names = rows->texts(row, keyColumns);
            const QStringList types = rows->texts(row, keyTypes);
            for (qsizetype i = 0; i < names.size() && i < types.size(); ++i)
                candidate.rangeColumns.push_back({names[i], types[i]});
        }
        candidates.push_back(std::move(candidate));
    }
    return candidates;
}

} // namespace tidemark::stage
