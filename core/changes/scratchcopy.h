// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/qualifiedname.h"
#include "core/pg/session.h"

namespace tidemark {

/// A database beside another on the same server: the same schema, and some rows of a few tables with the rows that their foreign
/// keys name. Made by pg_dump and psql, for nobody else knows how to write a whole schema down. It goes with this object.
class ScratchCopy
{
public:
    struct Wish
    {
        pg::ConnInfo original;
        QList<pg::QualifiedName> tables; ///< whose rows are wanted
        qint64 rows = 10'000;            ///< of each, about
        bool keep = false;               ///< leave it behind, for a look
    };

    /// Errors: Permission where the role may not create databases; Local where pg_dump or psql is not there or refuses.
    [[nodiscard]] static Result<std::unique_ptr<ScratchCopy>> make(const Wish &wish, std::stop_token stop);
    ~ScratchCopy();
    ScratchCopy(const ScratchCopy &) = delete;
    ScratchCopy &operator=(const ScratchCopy &) = delete;

    [[nodiscard]] const pg::ConnInfo &server() const { return m_server; }
    /// What of the schema could not be made there, and of which rows there are how many.
    [[nodiscard]] const QStringList &notes() const { return m_notes; }

private:
    ScratchCopy(Wish wish, pg::ConnInfo server);
    [[nodiscard]] Status copySchema();
    [[nodiscard]] Status copyRows(std::stop_token stop);
    [[nodiscard]] Status copySequences(pg::Session &original, pg::Session &scratch) const;
    void fillViews(pg::Session &original, pg::Session &scratch);
    [[nodiscard]] Status copyRowsOf(pg::Session &original, pg::Session &scratch, const pg::QualifiedName &table);

    Wish m_wish;
    pg::ConnInfo m_server;
    QStringList m_notes;
};

} // namespace tidemark
