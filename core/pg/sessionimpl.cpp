// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/sessionimpl.h"

#include "core/base/printable.h"

#include <poll.h>

namespace tidemark::pg {

QString fromServer(const char *text)
{
    return fromUncheckedUtf8(text != nullptr ? text : "").trimmed();
}

namespace {

QString field(const PGresult *result, int code)
{
    return fromServer(PQresultErrorField(result, code));
}

/// What a server says as it ends a connection; nothing where the message is no such one.
std::optional<Error> lastWordsIn(const PGresult *result)
{
    const QByteArray severity(PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED));
    if (severity != "FATAL" && severity != "PANIC")
        return std::nullopt;
    Error last;
    last.message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    last.sqlState = QByteArray(PQresultErrorField(result, PG_DIAG_SQLSTATE));
    return last;
}

} // namespace

void Session::Impl::onNotice(void *self, const PGresult *notice)
{
    Impl &session = *static_cast<Impl *>(self);
    if (const auto last = lastWordsIn(notice))
        session.m_lastWords = last;
    else
        session.m_notices << field(notice, PG_DIAG_MESSAGE_PRIMARY);
}

void Session::Impl::hearLastWords()
{
    // A write that fails leaves unread what the server had sent before. In a pipeline a null stands between two results.
    for (int i = 0; i < 3 && !m_lastWords && PQstatus(connection()) == CONNECTION_BAD; ++i) {
        if (const ResultPtr result(PQgetResult(connection())); result)
            m_lastWords = lastWordsIn(result.get());
    }
}

SteadyTime Session::Impl::Call::until() const
{
    if (cancelSent)
        return std::min(deadline, nextCancel);
    if (probeAfter == Millis(0) || (probe && probe->answer() == ServerProbe::Answer::Alive))
        return deadline;
    constexpr Millis lookAgain{100};
    return std::min(deadline, probe ? std::chrono::steady_clock::now() + lookAgain : heardAt + probeAfter);
}

bool Session::Impl::sendOne(const QByteArray &sql, const Params &params)
{
    std::vector<const char *> values;
    values.reserve(params.size());
    sent += sql.size() + 30;
    for (const Param &param : params) {
        values.push_back(param.value() ? param.value()->constData() : nullptr);
        sent += param.value() ? param.value()->size() + 4 : 4;
    }
    return PQsendQueryParams(connection(), sql.constData(), static_cast<int>(values.size()), nullptr, values.data(),
                             nullptr, nullptr, 0)
           == 1;
}

bool Session::Impl::sendPrepared(const Statement &statement)
{
    std::vector<const char *> values;
    values.reserve(statement.params.size());
    sent += statement.name.size() + 40;
    for (const Param &param : statement.params) {
        values.push_back(param.value() ? param.value()->constData() : nullptr);
        sent += param.value() ? param.value()->size() + 4 : 4;
    }
    return PQsendQueryPrepared(connection(), statement.name.constData(), static_cast<int>(values.size()), values.data(),
                               nullptr, nullptr, 0)
           == 1;
}

void Session::Impl::sendCancel(Call &call)
{
    const SteadyTime now = std::chrono::steady_clock::now();
    if (!call.cancelSent)
        call.deadline = now + cancelGrace;
    call.cancelSent = true;
    call.nextCancel = now + cancelInterval;
    m_canceller.send();
}

void Session::Impl::settleCancel(const Call &call)
{
    if (call.cancelSent && !m_canceller.settle(cancelGrace))
        m_dead = true; // it would hit whatever runs next
}

Error Session::Impl::interrupted(const Call &call, Wait why, const QByteArray &sql) const
{
    Error error;
    error.kind = why == Wait::Stopped ? ErrorKind::Cancelled : ErrorKind::Timeout;
    error.message = why == Wait::Stopped ? Error::cancelled().message
                                         : QStringLiteral("no result within %1 ms").arg(call.limit.count());
    error.statement = sql;
    error.poisonsTransaction = true;
    error.poisonsSession = m_dead;
    error.retryable = m_dead && why != Wait::Stopped;
    return error;
}

Status Session::Impl::waitReadable(Call &call)
{
    const Wait wait = waitFor(PQsocket(connection()), POLLIN, *m_waker, call.cancelSent ? std::stop_token() : call.stop,
                              call.until());
    switch (wait) {
    case Wait::Ready:
        call.heardAt = std::chrono::steady_clock::now();
        call.probe.reset();
        return {};
    case Wait::Stopped:
    case Wait::DeadlinePassed:
        if (wait == Wait::DeadlinePassed && !call.cancelSent && std::chrono::steady_clock::now() < call.deadline)
            return probe(call);
        if (!call.cancelSent)
            call.why = wait;
        else if (std::chrono::steady_clock::now() >= call.deadline) {
            m_dead = true;
            Error error = interrupted(call, call.why, {});
            error.detail = QStringLiteral(
                "The server did not answer the cancel request either; the connection was given up.");
            return fail(error);
        }
        sendCancel(call);
        return {};
    case Wait::Broken:
        break;
    }
    m_dead = true;
    return fail(broken({}));
}

Status Session::Impl::probe(Call &call)
{
    if (!call.probe)
        call.probe.emplace(connection());
    if (call.probe->answer() != ServerProbe::Answer::Silent)
        return {};
    m_dead = true;
    const auto silent = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - call.heardAt);
    Error error;
    error.kind = ErrorKind::Timeout;
    error.message = QStringLiteral("the server has not said a word for %1 ms, nor does it answer a second connection")
                        .arg(silent.count());
    error.hint = QStringLiteral("It is frozen, or the network between is cut.");
    error.poisonsSession = true;
    error.poisonsTransaction = true;
    error.retryable = true;
    return fail(error);
}

Status Session::Impl::flush(Call &call)
{
    // The server may itself wait for us to read before it reads on, so both directions are served here.
    while (true) {
        const int state = PQflush(connection());
        if (state == 0)
            return {};
        if (state < 0) {
            m_dead = true;
            return fail(broken({}));
        }
        const Wait wait = waitFor(PQsocket(connection()), POLLIN | POLLOUT, *m_waker, call.stop, call.deadline);
        if (wait == Wait::Ready) {
            if (PQconsumeInput(connection()) == 0) {
                m_dead = true;
                return fail(broken({}));
            }
            continue;
        }
        m_dead = true; // half a message may be on its way: the connection cannot be used again
        return fail(wait == Wait::Broken ? broken({}) : interrupted(call, wait, {}));
    }
}

Result<ResultPtr> Session::Impl::nextResult(Call &call)
{
    while (PQisBusy(connection()) != 0) {
        TIDEMARK_CHECK(waitReadable(call));
        if (PQconsumeInput(connection()) == 0) {
            m_dead = true;
            if (PQisBusy(connection()) != 0)
                return fail(broken({}));
            break; // what the server said before it went is there to be read
        }
    }
    return ResultPtr(PQgetResult(connection()));
}

Error Session::Impl::broken(const QByteArray &sql)
{
    hearLastWords();
    Error error;
    error.kind = ErrorKind::Connection;
    const QString words = libpqWords(PQerrorMessage(connection()));
    if (m_lastWords) {
        error.message = m_lastWords->message;
        error.sqlState = m_lastWords->sqlState;
        error.detail = words;
    } else {
        // What the server said stands before what libpq says of the connection.
        error.message = words.section(QLatin1Char('\n'), 0, 0);
        error.detail = words.section(QLatin1Char('\n'), 1);
    }
    if (error.message.isEmpty())
        error.message = QStringLiteral("the connection to the server was lost");
    error.statement = sql;
    error.poisonsSession = true;
    error.retryable = true;
    return error;
}

Error Session::Impl::serverError(const PGresult *result, const QByteArray &sql, const Call &call)
{
    Error error;
    error.sqlState = QByteArray(PQresultErrorField(result, PG_DIAG_SQLSTATE));
    error.message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    error.detail = field(result, PG_DIAG_MESSAGE_DETAIL);
    error.hint = field(result, PG_DIAG_MESSAGE_HINT);
    error.position = QByteArray(PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION)).toInt();
    error.statement = sql;
    error.poisonsTransaction = true;
    if (error.sqlState.isEmpty()) { // libpq's own: the connection is gone
        Error lost = broken(sql);
        if (const QString text = libpqWords(PQresultErrorMessage(result)); !text.isEmpty() && !m_lastWords)
            lost.message = text.section(QLatin1Char('\n'), 0, 0);
        return lost;
    }
    error.kind = errorKindOfSqlState(error.sqlState);
    if (error.kind == ErrorKind::Cancelled && call.cancelSent) {
        // The server only knows that a cancel came; here it is known why.
        const Error ours = interrupted(call, call.why, sql);
        error.kind = ours.kind;
        error.message = ours.message;
    } else if (error.kind == ErrorKind::Cancelled) {
        error.kind = ErrorKind::Timeout; // statement_timeout, or another session's pg_cancel_backend: the message tells
    }
    error.retryable = error.kind == ErrorKind::LockTimeout || error.kind == ErrorKind::Conflict
                      || error.kind == ErrorKind::Connection;
    error.poisonsSession = error.kind == ErrorKind::Connection;
    return error;
}

Result<ResultSet> Session::Impl::finished(ResultPtr result, const QByteArray &sql, const Call &call)
{
    switch (PQresultStatus(result.get())) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
    case PGRES_SINGLE_TUPLE:
    case PGRES_COPY_IN: {
        ResultSet set(result.release(), std::exchange(m_notices, {}));
        received += set.wireBytes();
        return set;
    }
    default:
        break;
    }
    const Error error = serverError(result.get(), sql, call);
    if (error.poisonsSession)
        m_dead = true;
    m_notices.clear();
    return fail(error);
}

Result<ResultSet> Session::Impl::lastResult(Call &call, const QByteArray &sql)
{
    ResultPtr last;
    while (true) {
        TIDEMARK_TRY(ResultPtr result, nextResult(call));
        if (!result)
            break;
        const ExecStatusType status = PQresultStatus(result.get());
        const bool failedBefore = last && PQresultStatus(last.get()) == PGRES_FATAL_ERROR;
        if (!failedBefore)
            last = std::move(result);
        if (status == PGRES_COPY_IN) {
            m_copying = true; // the caller feeds it
            break;
        }
        if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
            m_dead = true;
            return fail(Error::internal(QStringLiteral("COPY … TO STDOUT is not for this call")));
        }
        if (PQstatus(connection()) == CONNECTION_BAD)
            break;
    }
    settleCancel(call);
    if (!last)
        return fail(broken(sql));
    return finished(std::move(last), sql, call);
}

} // namespace tidemark::pg
