// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/sessionimpl.h"

namespace tidemark::pg {

Result<ResultSet> Session::Impl::exec(const QByteArray &sql, const Params &params, const CallOptions &options)
{
    if (m_dead)
        return fail(broken(sql));
    Call call(options, m_waker);
    if (call.stop.stop_requested())
        return fail(Error::cancelled());
    if (!sendOne(sql, params)) {
        m_dead = m_dead || PQstatus(connection()) == CONNECTION_BAD;
        return fail(broken(sql));
    }
    TIDEMARK_CHECK(flush(call));
    return lastResult(call, sql);
}

Result<ResultSet> Session::Impl::execScript(const QByteArray &sql, const CallOptions &options)
{
    if (m_dead)
        return fail(broken(sql));
    Call call(options, m_waker);
    sent += sql.size() + 6;
    if (PQsendQuery(connection(), sql.constData()) != 1) {
        m_dead = m_dead || PQstatus(connection()) == CONNECTION_BAD;
        return fail(broken(sql));
    }
    TIDEMARK_CHECK(flush(call));
    return lastResult(call, sql);
}

/// Hands libpq all statements; `prepares` says which are prepared by this batch.
bool Session::Impl::queueBatch(std::span<const Statement> statements, std::vector<bool> &prepares)
{
    QSet<QByteArray> preparing;
    for (std::size_t i = 0; i < statements.size(); ++i) {
        const Statement &statement = statements[i];
        if (statement.name.isEmpty()) {
            if (!sendOne(statement.sql, statement.params))
                return false;
        } else {
            if (!m_prepared.contains(statement.name) && !preparing.contains(statement.name)) {
                prepares[i] = true;
                preparing.insert(statement.name);
                sent += statement.sql.size() + 20;
                if (PQsendPrepare(connection(), statement.name.constData(), statement.sql.constData(), 0, nullptr) != 1)
                    return false;
            }
            if (!sendPrepared(statement))
                return false;
        }
        if (PQpipelineSync(connection()) != 1)
            return false;
    }
    return true;
}

std::vector<Result<ResultSet>> Session::Impl::execBatch(std::span<const Statement> statements,
                                                        const CallOptions &options)
{
    std::vector<Result<ResultSet>> results;
    results.reserve(statements.size());
    const auto failRest = [&](const Error &error) {
        while (results.size() < statements.size()) {
            Error each = error;
            each.statement = statements[results.size()].sql;
            results.emplace_back(fail(each));
        }
    };
    if (m_dead || PQenterPipelineMode(connection()) != 1) {
        failRest(broken({}));
        return results;
    }

    Call call(options, m_waker);
    std::vector<bool> prepares(statements.size());
    if (!queueBatch(statements, prepares)) {
        m_dead = true;
        failRest(broken({}));
        return results;
    }
    if (const Status flushed = flush(call); !flushed) {
        failRest(flushed.error());
        return results;
    }

    for (std::size_t i = 0; i < statements.size(); ++i) {
        const Statement &statement = statements[i];
        // What comes: [prepare's result, null,] the result, null, PIPELINE_SYNC. The first failure is the one to keep;
        // what follows it is only "aborted".
        ResultPtr kept;
        while (true) {
            auto next = nextResult(call);
            if (!next) {
                failRest(next.error());
                return results;
            }
            ResultPtr result = std::move(*next);
            if (!result) {
                if (PQstatus(connection()) == CONNECTION_BAD) {
                    m_dead = true;
                    if (kept)
                        results.push_back(finished(std::move(kept), statement.sql, call));
                    failRest(broken({}));
                    return results;
                }
                continue;
            }
            const ExecStatusType status = PQresultStatus(result.get());
            if (status == PGRES_PIPELINE_SYNC)
                break;
            if (status == PGRES_FATAL_ERROR && PQresultErrorField(result.get(), PG_DIAG_SQLSTATE) == nullptr) {
                m_dead = true; // libpq's own: no sync will follow
                failRest(serverError(result.get(), {}, call));
                return results;
            }
            const bool keptFailure = kept && PQresultStatus(kept.get()) == PGRES_FATAL_ERROR;
            if (!keptFailure && status != PGRES_PIPELINE_ABORTED) {
                if (prepares[i] && status == PGRES_COMMAND_OK && !m_prepared.contains(statement.name))
                    m_prepared.insert(statement.name);
                kept = std::move(result);
            }
        }
        if (!kept)
            results.emplace_back(fail(Error::internal(QStringLiteral("the server gave no result"))));
        else
            results.push_back(finished(std::move(kept), statement.sql, call));
        if (call.cancelSent) // it does answer: each statement that is left has its own time to be cancelled in
            call.deadline = std::chrono::steady_clock::now() + cancelGrace;
        if (m_dead) {
            failRest(broken({}));
            return results;
        }
    }
    PQexitPipelineMode(connection());
    settleCancel(call);
    return results;
}

Result<ResultSet> Session::Impl::copyIn(const QByteArray &sql, const std::function<QByteArray()> &next,
                                        const CallOptions &options)
{
    TIDEMARK_TRY([[maybe_unused]] const auto started, exec(sql, {}, options));
    if (!m_copying)
        return fail(Error::internal(QStringLiteral("not a COPY … FROM STDIN: %1").arg(QString::fromUtf8(sql))));
    m_copying = false;
    Call call(options, m_waker);
    bool more = true;
    while (more) {
        if (const Wait why = call.interruption(); why != Wait::Ready) {
            PQputCopyEnd(connection(), "stopped on request");
            const Error error = interrupted(call, why, sql);
            Call ending({.deadline = cancelGrace, .stop = {}}, m_waker);
            TIDEMARK_CHECK(flush(ending));
            static_cast<void>(lastResult(ending, sql));
            return fail(error);
        }
        const QByteArray piece = next();
        more = !piece.isEmpty();
        int put = 0; // 0: libpq has no room for it now
        while (put == 0) {
            put = more ? PQputCopyData(connection(), piece.constData(), static_cast<int>(piece.size()))
                       : PQputCopyEnd(connection(), nullptr);
            if (put < 0) {
                m_dead = true;
                return fail(broken(sql));
            }
            TIDEMARK_CHECK(flush(call));
        }
        sent += piece.size() + 5;
    }
    return lastResult(call, sql);
}

} // namespace tidemark::pg
