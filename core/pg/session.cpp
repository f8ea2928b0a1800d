// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/session.h"

#include "core/base/log.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <QSet>

#include <cerrno>
#include <utility>

namespace tidemark::pg {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

struct ConnFinish
{
    void operator()(PGconn *connection) const { PQfinish(connection); }
};
using ConnPtr = std::unique_ptr<PGconn, ConnFinish>;

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

/// An eventfd that a stop token writes to, so that poll() wakes when a call is asked to end.
class Waker
{
public:
    Waker() : m_fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    ~Waker() { close(m_fd); }
    Waker(const Waker &) = delete;
    Waker &operator=(const Waker &) = delete;

    void wake() const
    {
        const uint64_t one = 1;
        static_cast<void>(!write(m_fd, &one, sizeof one));
    }
    void drain() const
    {
        uint64_t count = 0;
        static_cast<void>(!read(m_fd, &count, sizeof count));
    }
    [[nodiscard]] int fd() const { return m_fd; }

private:
    int m_fd;
};

enum class Wait { Ready, Stopped, DeadlinePassed, Broken };

Wait waitFor(int socket, short events, const Waker &waker, const std::stop_token &stop, SteadyTime deadline)
{
    while (true) {
        if (stop.stop_requested())
            return Wait::Stopped;
        const auto left = std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now()).count();
        if (left <= 0)
            return Wait::DeadlinePassed;
        pollfd fds[2] = {{socket, events, 0}, {waker.fd(), POLLIN, 0}};
        const int ready = poll(fds, 2, static_cast<int>(std::min<Millis::rep>(left, 60'000)));
        if (ready < 0 && errno != EINTR)
            return Wait::Broken;
        if (ready > 0 && (fds[1].revents & POLLIN) != 0)
            waker.drain();
        if (ready > 0 && fds[0].revents != 0)
            return Wait::Ready;
    }
}

ErrorKind connectFailureKind(PGconn *connection, const QString &message)
{
    // A failed connection has no PGresult and so no SQLSTATE (libpq 15): what libpq knows is whether it asked for a
    // password, the rest is the server's text, whose words for these cases are matched as a last resort.
    if (PQconnectionNeedsPassword(connection) != 0 || PQconnectionUsedPassword(connection) != 0)
        return ErrorKind::Authentication;
    for (const char *words : {"authentication failed", "no pg_hba.conf entry", "SSL", "certificate", "TLS"}) {
        if (message.contains(QLatin1String(words)))
            return ErrorKind::Authentication;
    }
    if (message.contains(QLatin1String("does not exist")))
        return ErrorKind::Missing;
    return ErrorKind::Connection;
}

Error connectError(PGconn *connection, const ConnInfo &info)
{
    Error error;
    error.message = fromServer(PQerrorMessage(connection));
    error.kind = connectFailureKind(connection, error.message);
    error.poisonsSession = true;
    error.retryable = error.kind == ErrorKind::Connection;
    if (PQconnectionNeedsPassword(connection) != 0) {
        error.hint = QStringLiteral("The server asks for a password: store one with the profile, or in .pgpass.");
    } else if (error.kind == ErrorKind::Connection) {
        error.hint = QStringLiteral("Check that the server runs and that host, port and firewall let you through.");
    } else if (error.kind == ErrorKind::Missing) {
        error.hint = QStringLiteral("The server answered: only the name is wrong, or it was dropped or renamed.");
    }
    return error.within(QStringLiteral("connecting to %1").arg(info.display()));
}

} // namespace

class Session::Impl
{
public:
    Impl(ConnPtr connection, std::shared_ptr<Waker> waker)
        : m_connection(std::move(connection))
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
            , deadline(std::chrono::steady_clock::now() + options.deadline)
            , onStop(options.stop, [waker] { waker->wake(); })
        {
        }
        std::stop_token stop;
        SteadyTime deadline;
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
    void sendCancel() const;
    Error broken(const QByteArray &sql) const;
    Error serverError(const PGresult *result, const QByteArray &sql, const Call &call) const;
    Result<ResultSet> finished(ResultPtr result, const QByteArray &sql, const Call &call);

    // A server that ignores a cancel is given this long before the connection is declared dead.
    static constexpr Millis cancelGrace{3'000};

    ConnPtr m_connection;
    std::shared_ptr<Waker> m_waker;
    QStringList m_notices;
    QSet<QByteArray> m_prepared;
    bool m_dead = false;

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

void Session::Impl::sendCancel() const
{
    const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> cancel(PQgetCancel(connection()), &PQfreeCancel);
    char reason[256] = {};
    if (cancel && PQcancel(cancel.get(), reason, sizeof reason) == 0)
        qCWarning(logPg) << "cancel was not delivered:" << reason;
}

Status Session::Impl::waitReadable(Call &call)
{
    switch (const Wait wait = waitFor(PQsocket(connection()), POLLIN, *m_waker, call.cancelSent ? std::stop_token() : call.stop,
                                      call.deadline)) {
    case Wait::Ready:
        return {};
    case Wait::Stopped:
    case Wait::DeadlinePassed:
        if (call.cancelSent) { // it did not even answer the cancel
            m_dead = true;
            Error error = broken({});
            error.kind = call.why == Wait::Stopped ? ErrorKind::Cancelled : ErrorKind::Timeout;
            error.message = QStringLiteral("the server did not answer, nor the cancel that followed");
            return fail(error);
        }
        call.cancelSent = true;
        call.why = wait;
        call.deadline = std::chrono::steady_clock::now() + cancelGrace;
        sendCancel();
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
        // Half a message may be on its way: the connection cannot be used again.
        m_dead = true;
        Error error = broken({});
        error.kind = wait == Wait::Stopped ? ErrorKind::Cancelled : ErrorKind::Timeout;
        return fail(error);
    }
}

Result<ResultPtr> Session::Impl::nextResult(Call &call)
{
    while (PQisBusy(connection()) != 0) {
        TIDEMARK_CHECK(waitReadable(call));
        if (PQconsumeInput(connection()) == 0) {
            m_dead = true;
            return fail(broken({}));
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
    if (error.kind == ErrorKind::Cancelled && !(call.cancelSent && call.why == Wait::Stopped))
        error.kind = ErrorKind::Timeout; // nobody asked for a stop: statement_timeout, our deadline, or another's cancel
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
        if (status == PGRES_COPY_IN)
            break; // the caller feeds it
        if (PQstatus(connection()) == CONNECTION_BAD)
            break;
    }
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

std::vector<Result<ResultSet>> Session::Impl::execBatch(std::span<const Statement> statements, const CallOptions &options)
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
                queued = PQsendPrepare(connection(), statement.name.constData(), statement.sql.constData(), 0, nullptr) == 1;
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
        if (m_dead) {
            failRest(broken({}));
            return results;
        }
    }
    PQexitPipelineMode(connection());
    return results;
}

Result<ResultSet> Session::Impl::copyIn(const QByteArray &sql, const std::function<QByteArray()> &next,
                                        const CallOptions &options)
{
    TIDEMARK_TRY([[maybe_unused]] const auto started, exec(sql, {}, options));
    Call call(options, m_waker);
    while (true) {
        if (call.stop.stop_requested()) {
            PQputCopyEnd(connection(), "stopped on request");
            static_cast<void>(flush(call));
            static_cast<void>(lastResult(call, sql));
            return fail(Error::cancelled());
        }
        const QByteArray piece = next();
        const int put = piece.isEmpty() ? PQputCopyEnd(connection(), nullptr)
                                        : PQputCopyData(connection(), piece.constData(), static_cast<int>(piece.size()));
        if (put < 0)
            return fail(broken(sql));
        TIDEMARK_CHECK(flush(call));
        sent += piece.size() + 5;
        if (piece.isEmpty() && put == 1)
            return lastResult(call, sql);
    }
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
    std::vector<QByteArray> storage;
    std::vector<const char *> keys;
    std::vector<const char *> values;
    const auto add = [&](const QByteArray &key, const QByteArray &value) {
        storage.push_back(key);
        storage.push_back(value);
    };
    for (const auto &[key, value] : info.keywords())
        add(key.toUtf8(), value.toUtf8());
    const auto addDefault = [&](const char *key, const QByteArray &value) {
        if (info.value(QString::fromLatin1(key)).isEmpty())
            add(key, value);
    };
    addDefault("application_name", options.applicationName.toUtf8());
    addDefault("client_encoding", "UTF8");
    // A cut cable is noticed within about ten seconds even while nothing is being sent.
    addDefault("keepalives_idle", "5");
    addDefault("keepalives_interval", "2");
    addDefault("keepalives_count", "3");
    addDefault("tcp_user_timeout", "10000");
    for (std::size_t i = 0; i < storage.size(); i += 2) {
        keys.push_back(storage[i].constData());
        values.push_back(storage[i + 1].constData());
    }
    keys.push_back(nullptr);
    values.push_back(nullptr);

    ConnPtr connection(PQconnectStartParams(keys.data(), values.data(), 0));
    if (!connection)
        return fail(Error::internal(QStringLiteral("out of memory")));
    const auto waker = std::make_shared<Waker>();
    const std::stop_callback onStop(stop, [waker] { waker->wake(); });
    const SteadyTime deadline = std::chrono::steady_clock::now() + options.connectTimeout;

    if (PQstatus(connection.get()) == CONNECTION_BAD)
        return fail(connectError(connection.get(), info));
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK) {
        // The socket may be another after each step: libpq tries the next host or address with a new one.
        const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        const Wait wait = waitFor(PQsocket(connection.get()), events, *waker, stop, deadline);
        if (wait == Wait::Stopped)
            return fail(Error::cancelled().within(QStringLiteral("connecting to %1").arg(info.display())));
        if (wait == Wait::DeadlinePassed) {
            Error error;
            error.kind = ErrorKind::Timeout;
            error.message = QStringLiteral("no answer within %1 ms").arg(options.connectTimeout.count());
            error.hint = QStringLiteral("Check host and port, and whether a firewall drops the packets.");
            error.poisonsSession = true;
            error.retryable = true;
            return fail(error.within(QStringLiteral("connecting to %1").arg(info.display())));
        }
        state = PQconnectPoll(connection.get());
        if (state == PGRES_POLLING_FAILED)
            return fail(connectError(connection.get(), info));
    }
    PQsetnonblocking(connection.get(), 1);

    Session session(std::make_unique<Impl>(std::move(connection), waker));
    const auto ms = [](Millis value) { return QByteArray::number(static_cast<qint64>(value.count())); };
    const QByteArray setup = "SET search_path = ''; SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'postgres';"
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

Result<ResultSet> Session::copyIn(const QByteArray &sql, const std::function<QByteArray()> &next, const CallOptions &call)
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
    return fromServer(PQdb(m_impl->connection()));
}

QString Session::user() const
{
    return fromServer(PQuser(m_impl->connection()));
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
