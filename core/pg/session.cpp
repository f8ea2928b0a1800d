// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/session.h"

#include "core/base/printable.h"
#include "core/pg/sessionimpl.h"

namespace tidemark::pg {

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
    // A database in SQL_ASCII converts nothing, yet asked for UTF-8 it refuses each row in which one name is none.
    const QByteArray encoding = session.parameter("server_encoding") == QLatin1String("SQL_ASCII")
                                    ? "SET client_encoding = 'SQL_ASCII';"
                                    : "";
    const QByteArray setup =
        encoding
        + "SET search_path = ''; SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'postgres';"
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
    return fromUncheckedUtf8(PQdb(m_impl->connection())); // blanks at its ends are part of a name
}

QString Session::user() const
{
    return fromUncheckedUtf8(PQuser(m_impl->connection()));
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
