// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/transaction.h"

#include <utility>

namespace tidemark::pg {

Transaction::Transaction(Session &session)
    : m_session(&session)
{
}

Transaction::Transaction(Transaction &&other) noexcept
    : m_session(std::exchange(other.m_session, nullptr))
{
}

Transaction::~Transaction()
{
    rollback();
}

Result<Transaction> Transaction::begin(Session &session, const QByteArray &mode)
{
    TIDEMARK_TRY([[maybe_unused]] const auto begun, session.exec("BEGIN " + mode));
    return Transaction(session);
}

Result<ResultSet> Transaction::exec(const QByteArray &sql, const Params &params, const CallOptions &call)
{
    if (m_session == nullptr)
        return fail(Error::internal(QStringLiteral("a statement after the end of its transaction")));
    return m_session->exec(sql, params, call);
}

Status Transaction::commit()
{
    if (m_session == nullptr)
        return fail(Error::internal(QStringLiteral("a second end of one transaction")));
    Session *session = std::exchange(m_session, nullptr);
    auto committed = session->exec("COMMIT");
    if (committed && committed->command() == "COMMIT")
        return {};
    if (committed) {
        // A COMMIT after a failed statement is no error to the server; it answers ROLLBACK.
        Error error = Error::internal(
            QStringLiteral("a statement had failed, so the server rolled the transaction back"));
        error.poisonsTransaction = true;
        return fail(error.within(QStringLiteral("committing")));
    }
    Error error = committed.error();
    if (error.poisonsSession) {
        error.kind = ErrorKind::InDoubt;
        error.retryable = false;
        error.hint = QStringLiteral("The connection broke while committing: the server knows whether it happened.");
    }
    return fail(error.within(QStringLiteral("committing")));
}

void Transaction::rollback()
{
    if (Session *session = std::exchange(m_session, nullptr); session != nullptr && session->isAlive())
        static_cast<void>(session->exec("ROLLBACK"));
}

} // namespace tidemark::pg
