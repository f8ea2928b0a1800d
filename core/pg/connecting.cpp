// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/connecting.h"

#include "core/base/printable.h"
#include "core/pg/connparameters.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <poll.h>

#include <array>
#include <optional>
#include <vector>

namespace tidemark::pg {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Connecting)
};

constexpr char invalidPassword[] = "28P01";
constexpr char refusedLogin[] = "28000";
constexpr char takesNoConnections[] = "55000";
constexpr char tooManyConnections[] = "53300";

// What the server said, apart from libpq's words about which server it was. libpq 15 keeps no result of a refused
// connection, but asked for verbose errors it prints the SQLSTATE, whatever the language.
struct Refusal
{
    QString message;
    QByteArray sqlState;
};

Refusal refusal(const PGconn *connection)
{
    static const QRegularExpression code(QStringLiteral("(:  )([0-9A-Z]{5}): "));
    static const QRegularExpression location(QStringLiteral("\\n[^\\n]*:  \\w+, \\w+\\.c:\\d+"));
    Refusal found;
    found.message = libpqWords(PQerrorMessage(connection)).remove(location).trimmed();
    int codes = 0;
    qsizetype reason = 0;
    for (auto matches = code.globalMatch(found.message); matches.hasNext(); ++codes) {
        const auto match = matches.next();
        found.sqlState = match.captured(2).toLatin1(); // the last host's counts
        reason = match.capturedEnd();
    }
    // Of one host the server's reason is what counts: where it was said is told by who asked.
    if (codes == 1 && !found.message.left(reason).contains(QLatin1Char('\n')))
        found.message.remove(0, reason);
    found.message.replace(code, QStringLiteral("\\1"));
    return found;
}

/// What SET says of a parameter or a value that is not one, and who may not set it.
bool isOfServerParameters(const QByteArray &sqlState)
{
    return sqlState == "42704" || sqlState == "22023" || sqlState == "55P02" || sqlState == "42601";
}

ErrorKind kindOf(const PGconn *connection, const Refusal &refusal)
{
    if (isOfServerParameters(refusal.sqlState))
        return ErrorKind::Input;
    if (!refusal.sqlState.isEmpty()) {
        const ErrorKind kind = errorKindOfSqlState(refusal.sqlState);
        return kind == ErrorKind::Internal ? ErrorKind::Connection : kind;
    }
    if (PQconnectionNeedsPassword(connection) != 0)
        return ErrorKind::Authentication;
    // libpq's own words, the only trace of a TLS failure.
    for (const char *words : {"SSL", "certificate", "TLS"}) {
        if (refusal.message.contains(QLatin1String(words)))
            return ErrorKind::Authentication;
    }
    return ErrorKind::Connection;
}

QString hintFor(const PGconn *connection, const Refusal &refusal, ErrorKind kind)
{
    if (PQconnectionNeedsPassword(connection) != 0)
        return Words::tr("The server asks for a password: store one with the profile, or in .pgpass.");
    const auto unmet = refusal.sqlState.isEmpty() ? unmetDemand(connection, refusal.message) : std::nullopt;
    if (unmet)
        return *unmet;
    if (refusal.sqlState == takesNoConnections)
        return Words::tr("The database lets nobody in (ALLOW_CONNECTIONS is false, as in template0), or the server is "
                         "starting or stopping.");
    if (refusal.sqlState == refusedLogin)
        return Words::tr("Check that the role exists and has LOGIN, and the server's pg_hba.conf.");
    if (isOfServerParameters(refusal.sqlState))
        return Words::tr("The server does not take a setting that the connection asks for: check options (PGOPTIONS).");
    switch (kind) {
    case ErrorKind::Authentication:
        return refusal.sqlState.isEmpty()
                   ? Words::tr("Check sslmode and sslrootcert, and whether the server has TLS switched on.")
                   : Words::tr("Check user and password, and the server's pg_hba.conf.");
    case ErrorKind::Missing:
        return Words::tr("The server answered: only the name is wrong, or it was dropped or renamed.");
    case ErrorKind::Permission:
        return Words::tr("Grant the role CONNECT on the database.");
    case ErrorKind::Connection:
        if (refusal.sqlState == tooManyConnections)
            return Words::tr("Every connection is taken that max_connections of the server, or the CONNECTION LIMIT of "
                             "the role or the database, leaves to this role: end idle sessions, raise the limit, or "
                             "name fewer databases to watch.");
        return Words::tr("Check that the server runs and that host, port and firewall let you through.");
    default:
        return {};
    }
}

Error inputError(const WrongParameter &wrong, const QString &message)
{
    Error error = Error::input(QStringLiteral("%1: %2").arg(wrong.name, message), wrong.hint);
    error.poisonsSession = true;
    return error;
}

Error connectError(const PGconn *connection)
{
    const Refusal why = refusal(connection);
    if (const auto wrong = why.sqlState.isEmpty() ? wrongParameter(connection) : std::nullopt)
        return inputError(*wrong, why.message);
    Error error;
    error.message = why.message;
    error.sqlState = why.sqlState.isEmpty() && PQconnectionNeedsPassword(connection) != 0 ? QByteArray(invalidPassword)
                                                                                          : why.sqlState;
    error.kind = kindOf(connection, why);
    error.hint = hintFor(connection, why, error.kind);
    error.poisonsSession = true;
    error.retryable = error.kind == ErrorKind::Connection;
    return error;
}

ConnPtr start(const ConnInfo &info, const QString &applicationName)
{
    std::vector<QByteArray> storage;
    const auto add = [&](const QString &keyword, const QString &value) {
        storage.push_back(keyword.toUtf8());
        storage.push_back(value.toUtf8());
    };
    for (const auto &[keyword, value] : info.keywords())
        add(keyword, value);
    // Everything here reads UTF-8, whatever the user's client_encoding is; libpq takes the last of two.
    add(QStringLiteral("client_encoding"), QStringLiteral("UTF8"));
    // A cut cable is noticed within about ten seconds even while nothing is being sent.
    const std::array<std::pair<QString, QString>, 5> defaults{{
        {QStringLiteral("application_name"), applicationName},
        {QStringLiteral("keepalives_idle"), QStringLiteral("5")},
        {QStringLiteral("keepalives_interval"), QStringLiteral("2")},
        {QStringLiteral("keepalives_count"), QStringLiteral("3")},
        {QStringLiteral("tcp_user_timeout"), QStringLiteral("10000")},
    }};
    for (const auto &[keyword, value] : defaults) {
        if (info.value(keyword).isEmpty())
            add(keyword, value);
    }

    std::vector<const char *> keywords;
    std::vector<const char *> values;
    for (std::size_t i = 0; i < storage.size(); i += 2) {
        keywords.push_back(storage[i].constData());
        values.push_back(storage[i + 1].constData());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    return ConnPtr(PQconnectStartParams(keywords.data(), values.data(), 0));
}

/// The hosts after the one that PQconnectPoll is at; nothing where that was the last.
std::optional<ConnInfo> withoutHostsUpTo(const ConnInfo &info, const PGconn *connection)
{
    const auto list = [&](const char *keyword) {
        const QString text = info.value(QString::fromLatin1(keyword));
        return text.isEmpty() ? QStringList() : text.split(QLatin1Char(','));
    };
    const QStringList hosts = list("host");
    const QStringList addresses = list("hostaddr");
    const QStringList ports = list("port");
    const qsizetype count = std::max(hosts.size(), addresses.size());
    const QString atHost = QString::fromUtf8(PQhost(connection));
    const QString atPort = QString::fromUtf8(PQport(connection));
    for (qsizetype i = 0; i + 1 < count; ++i) {
        const QString port = ports.size() > 1 ? ports.value(i) : ports.value(0);
        const QString host = hosts.value(i).isEmpty() ? addresses.value(i) : hosts.value(i);
        if (host != atHost || (!port.isEmpty() && port != atPort))
            continue;
        const auto rest = [&](const QStringList &all) {
            return all.size() == count ? all.mid(i + 1).join(QLatin1Char(',')) : all.join(QLatin1Char(','));
        };
        return info.with(QStringLiteral("host"), rest(hosts))
            .with(QStringLiteral("hostaddr"), rest(addresses))
            .with(QStringLiteral("port"), rest(ports));
    }
    return std::nullopt;
}

Error noAnswer(const PGconn *connection, Millis timeout)
{
    Error error;
    error.kind = ErrorKind::Timeout;
    error.message = Words::tr("no answer within %1 ms").arg(timeout.count());
    const QString host = QString::fromUtf8(PQhost(connection));
    const bool isSocket = host.startsWith(QLatin1Char('/')) || host.startsWith(QLatin1Char('@'));
    error.hint = isSocket ? Words::tr("The server's socket is there, but nobody answers: check whether the server is "
                                      "stopped in its tracks or overloaded.")
                          : Words::tr("Check host and port, and whether a firewall drops the packets.");
    error.poisonsSession = true;
    error.retryable = true;
    return error;
}

} // namespace

QString libpqWords(const char *text)
{
    static const QRegularExpression guess(QStringLiteral("\\n\\t[^\\n]*"));
    return fromUncheckedUtf8(text != nullptr ? text : "").remove(guess).trimmed();
}

bool wantsPassword(const Error &error)
{
    return error.sqlState == invalidPassword;
}

Result<ConnPtr> connectTo(const ConnInfo &info, const QString &applicationName, Millis timeout,
                          const std::shared_ptr<Waker> &waker, const std::stop_token &stop)
{
    const std::stop_callback onStop(stop, [waker] { waker->wake(); });
    ConnPtr connection = start(info, applicationName);
    if (!connection)
        return fail(Error::internal(QStringLiteral("out of memory")));
    PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
    if (PQstatus(connection.get()) == CONNECTION_BAD)
        return fail(connectError(connection.get()));
    // libpq reads it only where it waits itself.
    if (const auto wrong = wrongTimeout(connection.get()))
        return fail(inputError(*wrong, Words::tr("not a number of seconds")));

    const SteadyTime deadline = std::chrono::steady_clock::now() + timeout;
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK) {
        // The socket may be another after each step: libpq tries the next host or address with a new one.
        const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        switch (waitFor(PQsocket(connection.get()), events, *waker, stop, deadline)) {
        case Wait::Stopped:
            return fail(Error::cancelled());
        case Wait::DeadlinePassed:
            if (const auto others = withoutHostsUpTo(info, connection.get()))
                return connectTo(*others, applicationName, timeout, waker, stop);
            return fail(noAnswer(connection.get(), timeout));
        case Wait::Ready:
        case Wait::Broken:
            break;
        }
        state = PQconnectPoll(connection.get());
        if (state == PGRES_POLLING_FAILED)
            return fail(connectError(connection.get()));
    }
    PQsetErrorVerbosity(connection.get(), PQERRORS_DEFAULT);
    PQsetnonblocking(connection.get(), 1);
    return connection;
}

} // namespace tidemark::pg
