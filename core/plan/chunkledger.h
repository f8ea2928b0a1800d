// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/journal.h"

namespace tidemark {

/// A piece of a step's work.
struct Chunk
{
    int number = 0;
    QJsonObject bounds; ///< what it is, in the words of its action
    bool done = false;
    qint64 rows = 0;
};

/// The pieces of one step: claimed in a transaction of their own, marked done in the transaction that did them. So a driver
/// that is killed leaves claimed ones behind, and the next does exactly those again.
class ChunkLedger
{
public:
    ChunkLedger(const Journal &journal, int ordinal);

    /// All of the step's, by number.
    [[nodiscard]] Result<std::vector<Chunk>> read(pg::Session &session) const;
    [[nodiscard]] Status claim(pg::Session &session, int number, const QJsonObject &bounds, int worker) const;
    /// In the transaction that did it, which guard() has opened.
    [[nodiscard]] Status done(pg::Transaction &transaction, int number, qint64 rows) const;
    /// Forgets them all: the step begins anew.
    [[nodiscard]] Status clear(pg::Transaction &transaction) const;

private:
    Journal m_journal;
    int m_ordinal;
};

} // namespace tidemark
