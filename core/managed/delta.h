// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/managed/deltarefresh.h"

namespace tidemark::managed {

/// The work of one refresh of one table, in the transaction it is given. Keys go batch by batch, so that neither the temporary
/// tables nor what travels grows with their number. What a scope's rows were and no longer are is looked up by key: a row that
/// left a range is updated, not lost.
class Delta
{
public:
    Delta(pg::Transaction &transaction, const DeltaTarget &target, const DeltaOptions &options,
          const pg::CallOptions &call)
        : m_transaction(transaction)
        , m_target(target)
        , m_options(options)
        , m_call(call)
    {
    }

    /// Of the outcome all but what belongs to the whole refresh.
    [[nodiscard]] Result<DeltaOutcome> run(const DeltaScope &scope);

private:
    [[nodiscard]] Status apply(const DeltaScope &scope, std::size_t first, std::size_t count);
    [[nodiscard]] Status fetchWhatLeft(const DeltaScope &scope, const pg::Params &params, qint64 &fetched);
    [[nodiscard]] Status checkKey();
    [[nodiscard]] Result<qint64> affected(const QString &sql, const pg::Params &params = {})
    {
        TIDEMARK_TRY(const auto done, m_transaction.exec(sql.toUtf8(), params, m_call));
        return done.affectedRows();
    }

    pg::Transaction &m_transaction;
    const DeltaTarget &m_target;
    const DeltaOptions &m_options;
    const pg::CallOptions &m_call;
    DeltaOutcome m_outcome;
};

} // namespace tidemark::managed
