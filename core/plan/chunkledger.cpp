// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/chunkledger.h"

#include <QJsonDocument>

namespace tidemark {

ChunkLedger::ChunkLedger(const Journal &journal, int ordinal)
    : m_journal(journal)
    , m_ordinal(ordinal)
{
}

Result<std::vector<Chunk>> ChunkLedger::read(pg::Session &session) const
{
    TIDEMARK_TRY(const auto rows, session.exec("SELECT chunk, bounds, state = 'done', coalesce(rows, 0) "
                                               "FROM tidemark.run_chunk WHERE run = $1 AND step = $2 ORDER BY chunk",
                                               {m_journal.run(), m_ordinal}));
    std::vector<Chunk> chunks;
    for (int row = 0; row < rows.rowCount(); ++row) {
        chunks.push_back({rows.int32(row, 0), QJsonDocument::fromJson(rows.bytes(row, 1)).object(),
                          rows.boolean(row, 2), rows.int64(row, 3)});
    }
    return chunks;
}

Status ChunkLedger::claim(pg::Session &session, int number, const QJsonObject &bounds, int worker) const
{
    TIDEMARK_TRY(const auto claimed,
                 session.exec(Journal::fence()
                                  + "INSERT INTO tidemark.run_chunk (run, step, chunk, bounds, worker) "
                                    "SELECT $1, $3, $4, $5::jsonb, $6::int FROM fence",
                              {m_journal.run(), m_journal.token(), m_ordinal, number,
                               QJsonDocument(bounds).toJson(QJsonDocument::Compact), worker}));
    if (claimed.affectedRows() == 0)
        return fail(m_journal.drivenByAnother());
    return {};
}

Status ChunkLedger::done(pg::Transaction &transaction, int number, qint64 rows) const
{
    TIDEMARK_TRY(
        const auto marked,
        transaction.exec("UPDATE tidemark.run_chunk SET state = 'done', rows = $4, finished_at = clock_timestamp() "
                         "WHERE run = $1 AND step = $2 AND chunk = $3 AND state = 'claimed'",
                         {m_journal.run(), m_ordinal, number, rows}));
    if (marked.affectedRows() != 1)
        return fail(Error::internal(QStringLiteral("chunk %1 was not claimed").arg(number)));
    return {};
}

Status ChunkLedger::clear(pg::Transaction &transaction) const
{
    return transaction.exec("DELETE FROM tidemark.run_chunk WHERE run = $1 AND step = $2", {m_journal.run(), m_ordinal})
        .map([](const pg::ResultSet &) {});
}

} // namespace tidemark
