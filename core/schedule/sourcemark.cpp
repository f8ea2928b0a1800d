// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/schedule/sourcemark.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace tidemark::schedule {

Result<QString> sourceMark(pg::Session &session, const std::vector<pg::QualifiedName> &relations, std::stop_token stop)
{
    QJsonArray names;
    for (const pg::QualifiedName &relation : relations)
        names.append(relation.quoted());
    TIDEMARK_TRY(
        const auto rows,
        session.exec("WITH RECURSIVE below AS ("
                     " SELECT pg_catalog.to_regclass(n.name)::oid AS oid"
                     " FROM pg_catalog.jsonb_array_elements_text($1::jsonb) AS n (name)"
                     " UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN below AS b ON i.inhparent = b.oid)"
                     " SELECT pg_catalog.md5(coalesce(pg_catalog.string_agg(pg_catalog.concat_ws(':', c.oid,"
                     " c.relfilenode, s.n_tup_ins, s.n_tup_upd, s.n_tup_del), ',' ORDER BY c.oid), ''))"
                     " FROM below AS b JOIN pg_catalog.pg_class AS c ON c.oid = b.oid"
                     " LEFT JOIN pg_catalog.pg_stat_all_tables AS s ON s.relid = c.oid",
                     {QJsonDocument(names).toJson(QJsonDocument::Compact)}, {.stop = stop}));
    return rows.text(0, 0);
}

} // namespace tidemark::schedule
