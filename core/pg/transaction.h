// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/session.h"

namespace tidemark::pg {

/// A transaction that rolls back unless commit() succeeded. Used on the session's thread, one at a time a session.
/// When the connection breaks at COMMIT the error's kind is InDoubt: it may have happened, and only the server knows.
class Transaction
{
public:
    /// `mode` is what follows BEGIN, for example "ISOLATION LEVEL REPEATABLE READ"; empty for the default.
    [[nodiscard]] static Result<Transaction> begin(Session &session, const QByteArray &mode = {});

    Transaction(Transaction &&other) noexcept;
    Transaction &operator=(Transaction &&) = delete;
    ~Transaction();

    [[nodiscard]] Result<ResultSet> exec(const QByteArray &sql, const Params &params = {},
                                         const CallOptions &call = {});
    [[nodiscard]] Status commit();
    /// Ends it without a trace; also done by the destructor.
    void rollback();

private:
    explicit Transaction(Session &session);
    Session *m_session;
};

} // namespace tidemark::pg
