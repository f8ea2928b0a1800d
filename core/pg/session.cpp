// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/session.h"

#include "core/pg/canceller.h"
#include "core/pg/connecting.h"

#include <libpq-fe.h>
#include <poll.h>

#include <QSet>

#include <utility>

namespace tidemark::pg {

namespace {

struct ResultClear
{
    void operator()(PGresult *result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultClear>;

QString fromServer(const char *text)
{
    return QString::fromUtf8(text != nullptr ? text : "").trimmed();
}

QString field(const PGresult *result, int code)
{
    return fromServer(PQresultErrorField(result, code));
}

} // namespace

class Session::Impl
{
public:
    Impl(ConnPtr connection, std::shared_ptr<Waker> waker)
        : m_connection(std::move(connection))
        , m_canceller(m_connection.get())
        , m_waker(std::move(waker))
    {
        PQsetNoticeReceiver(m_connection.get(), &Impl::onNotice, this);
    }

    PGconn *connection() const { return m_connection.get(); }

    Result<ResultSet> exec(const QByteArray &sql, const Params &params, const CallOptions &call);
    Result<ResultSet> execScript(const QByteArray &sql, const CallOptions &call);
    std::vector<Result<ResultSet>> execBatch(std::span<const Statement> statements, const CallOptions &call);
    Result<ResultSet> copyIn(const QByteArray &sql, const std::function<QByteArray()> &next, const CallOptions &call);

    qint64 received = 0;
    qint64 sent = 0;

private:
    /// Everything one call needs to wait: its deadline, and the wake-up when it is asked to stop.
    struct Call
    {
        Call(const CallOptions &options, const std::shared_ptr<Waker> &waker)
            : stop(options.stop)
            , limit(options.deadline)
            , deadline(std::chrono::steady_clock::now() + options.deadline)
            , onStop(options.stop, [waker] { waker->wake(); })
        {
        }
        [[nodiscard]] Wait interruption() const
        {
            if (stop.stop_requested())
                return Wait::Stopped;
            return std::chrono::steady_clock::now() >= deadline ? Wait::DeadlinePassed : Wait::Ready;
        }
        std::stop_token stop;
        Millis limit;
        SteadyTime deadline; ///< once a cancel was sent: when the connection is given up
        SteadyTime nextCancel;
        std::stop_callback<std::function<void()>> onStop;
        bool cancelSent = false;
        Wait why = Wait::Ready; ///< why the cancel was sent
    };

    static void onNotice(void *self, const PGresult *notice)
    {
        static_cast<Impl *>(self)->m_notices << field(notice, PG_DIAG_MESSAGE_PRIMARY);
    }

    bool sendOne(const QByteArray &sql, const Params &params);
    bool sendPrepared(const Statement &statement);
    Status waitReadable(Call &call);
    Status flush(Call &call);
    Result<ResultPtr> nextResult(Call &call);
    Result<ResultSet> lastResult(Call &call, const QByteArray &sql);
    void sendCancel(Call &call);
    void settleCancel(const Call &call);
    Error interrupted(const Call &call, Wait why, const QByteArray &sql) const;
    Error broken(const QByteArray &sql) const;
    Error serverError(const PGresult *result, const QByteArray &sql, const Call &call) const;
    Result<ResultSet> finished(ResultPtr result, const QByteArray &sql, const Call &call);

    // A server that ignores a cancel is given this long before the connection is declared dead.
    static constexpr Millis cancelGrace{3'000};
    // A cancel that arrives between two statements of a batch does nothing: it is sent again.
    static constexpr Millis cancelInterval{250};

    ConnPtr m_connection;
    Canceller m_canceller;
    std::shared_ptr<Waker> m_waker;
    QStringList m_notices;
    QSet<QByteArray> m_prepared;
    bool m_dead = false;
    bool m_copying = false; ///< the server waits for the data of a COPY

    friend class Session;
};

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
    const SteadyTime until = call.cancelSent ? std::min(call.deadline, call.nextCancel) : call.deadline;
    const Wait wait = waitFor(PQsocket(connection()), POLLIN, *m_waker, call.cancelSent ? std::stop_token() : call.stop,
                              until);
    switch (wait) {
    case Wait::Ready:
        return {};
    case Wait::Stopped:
    case Wait::DeadlinePassed:
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

Error Session::Impl::broken(const QByteArray &sql) const
{
    Error error;
    error.kind = ErrorKind::Connection;
    error.message = fromServer(PQerrorMessage(connection()));
    if (error.message.isEmpty())
        error.message = QStringLiteral("the connection to the server was lost");
    error.statement = sql;
    error.poisonsSession = true;
    error.retryable = true;
    return error;
}

Error Session::Impl::serverError(const PGresult *result, const QByteArray &sql, const Call &call) const
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
        if (const QString text = fromServer(PQresultErrorMessage(result)); !text.isEmpty())
            lost.message = text;
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
    QSet<QByteArray> preparing;
    bool queued = true;
    for (std::size_t i = 0; queued && i < statements.size(); ++i) {
        const Statement &statement = statements[i];
        if (statement.name.isEmpty()) {
            queued = sendOne(statement.sql, statement.params);
        } else {
            if (!m_prepared.contains(statement.name) && !preparing.contains(statement.name)) {
                prepares[i] = true;
                preparing.insert(statement.name);
                sent += statement.sql.size() + 20;
                queued = PQsendPrepare(connection(), statement.name.constData(), statement.sql.constData(), 0, nullptr)
                         == 1;
            }
            queued = queued && sendPrepared(statement);
        }
        queued = queued && PQpipelineSync(connection()) == 1;
    }
    if (!queued) {
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

Session::Session(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

Session::Session(Session &&) noexcept = default;
Session &Session::operator=(Session &&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::open(const ConnInfo &info, const SessionOptions &options, std::stop_token stop)
{
    const QString connecting = QStringLiteral("connecting to %1").arg(info.display());
    const auto waker = std::make_shared<Waker>();
    auto connection = connectTo(info, options.applicationName, options.connectTimeout, waker, stop);
    if (!connection)
        return fail(connection.error().within(connecting));

    Session session(std::make_unique<Impl>(std::move(*connection), waker));
    const auto ms = [](Millis value) { return QByteArray::number(static_cast<qint64>(value.count())); };
    const QByteArray setup =
        "SET search_path = ''; SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'postgres';"
        "SET jit = off; SET max_parallel_workers_per_gather = 0; SET bytea_output = 'hex';"
        "SET lock_timeout = "
        + ms(options.lockTimeout) + "; SET statement_timeout = " + ms(options.statementTimeout)
        + "; SET idle_in_transaction_session_timeout = " + ms(options.idleInTransactionTimeout)
        + (options.readOnly ? "; SET default_transaction_read_only = on" : "");
    CallOptions call;
    call.deadline = options.connectTimeout;
    call.stop = stop;
    if (auto done = session.execScript(setup, call); !done)
        return fail(done.error().within(QStringLiteral("setting up the session on %1").arg(info.display())));
    return session;
}

Result<ResultSet> Session::exec(const QByteArray &sql, const Params &params, const CallOptions &call)
{
    return m_impl->exec(sql, params, call);
}

Result<ResultSet> Session::execScript(const QByteArray &sql, const CallOptions &call)
{
    return m_impl->execScript(sql, call);
}

std::vector<Result<ResultSet>> Session::execBatch(std::span<const Statement> statements, const CallOptions &call)
{
    return m_impl->execBatch(statements, call);
}

Result<ResultSet> Session::copyIn(const QByteArray &sql, const std::function<QByteArray()> &next,
                                  const CallOptions &call)
{
    return m_impl->copyIn(sql, next, call);
}

bool Session::isAlive() const
{
    return !m_impl->m_dead && PQstatus(m_impl->connection()) == CONNECTION_OK;
}

int Session::backendPid() const
{
    return PQbackendPID(m_impl->connection());
}

int Session::serverVersion() const
{
    return PQserverVersion(m_impl->connection());
}

QString Session::parameter(const char *name) const
{
    return fromServer(PQparameterStatus(m_impl->connection(), name));
}

QString Session::database() const
{
    return QString::fromUtf8(PQdb(m_impl->connection())); // blanks at its ends are part of a name
}

QString Session::user() const
{
    return QString::fromUtf8(PQuser(m_impl->connection()));
}

bool Session::isEncrypted() const
{
    return PQsslInUse(m_impl->connection()) != 0;
}

qint64 Session::bytesReceived() const
{
    return m_impl->received;
}

qint64 Session::bytesSent() const
{
    return m_impl->sent;
}

} // namespace tidemark::pg
