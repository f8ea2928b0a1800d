// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/connparameters.h"

#include <libpq-fe.h>

#include <QCoreApplication>
#include <QHash>
#include <QStringList>

#include <algorithm>
#include <array>
#include <memory>

namespace tidemark::pg {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Connecting)
};

struct Choice
{
    const char *keyword;
    const char *values; // with blanks between
};

constexpr std::array choices{
    Choice{"sslmode", "disable allow prefer require verify-ca verify-full"},
    Choice{"target_session_attrs", "any read-write read-only primary standby prefer-standby"},
    Choice{"channel_binding", "disable prefer require"},
    Choice{"gssencmode", "disable prefer require"},
    Choice{"ssl_min_protocol_version", "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"},
    Choice{"ssl_max_protocol_version", "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"},
};

constexpr std::array numbers{"connect_timeout",     "keepalives",       "keepalives_idle",
                             "keepalives_interval", "keepalives_count", "tcp_user_timeout"};

QHash<QString, QString> parametersOf(const PGconn *connection)
{
    QHash<QString, QString> found;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfo(const_cast<PGconn *>(connection)), &PQconninfoFree);
    for (const PQconninfoOption *option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
        if (option->val != nullptr && *option->val != '\0')
            found.insert(QString::fromUtf8(option->keyword), QString::fromUtf8(option->val));
    }
    return found;
}

bool isPort(const QString &text)
{
    bool isNumber = false;
    const int port = text.trimmed().toInt(&isNumber);
    return text.isEmpty() || (isNumber && port >= 1 && port <= 65535);
}

std::optional<WrongParameter> wrongNumber(const QHash<QString, QString> &given, const QString &keyword)
{
    bool isNumber = true;
    if (given.contains(keyword))
        static_cast<void>(given.value(keyword).trimmed().toInt(&isNumber));
    if (isNumber)
        return std::nullopt;
    return WrongParameter{keyword, Words::tr("%1 is a whole number.").arg(keyword)};
}

/// A parameter that asks something of the server, and words of libpq's when no server is so, the only trace of it.
struct Demand
{
    const char *keyword;
    const char *words; // with bars between
};

constexpr std::array demands{
    Demand{"target_session_attrs", "session is read-only|session is not read-only|in hot standby mode"},
    Demand{"channel_binding", "channel binding"},
    Demand{"gssencmode", "GSSAPI"},
};

} // namespace

std::optional<WrongParameter> wrongTimeout(const pg_conn *connection)
{
    return wrongNumber(parametersOf(connection), QStringLiteral("connect_timeout"));
}

std::optional<QString> unmetDemand(const pg_conn *connection, const QString &message)
{
    const QHash<QString, QString> given = parametersOf(connection);
    for (const Demand &demand : demands) {
        const QString keyword = QString::fromLatin1(demand.keyword);
        const QStringList words = QString::fromLatin1(demand.words).split(QLatin1Char('|'));
        const bool isSaid = std::any_of(words.begin(), words.end(),
                                        [&](const QString &each) { return message.contains(each); });
        if (given.contains(keyword) && isSaid)
            return Words::tr("No server that was tried is what %1=%2 asks for: ask for less, or name another server.")
                .arg(keyword, given.value(keyword));
    }
    return std::nullopt;
}

std::optional<WrongParameter> wrongParameter(const pg_conn *connection)
{
    const QHash<QString, QString> given = parametersOf(connection);
    // Before it knows where to connect libpq reads the service file and the keywords.
    if (const char *host = PQhost(connection); host == nullptr || *host == '\0')
        return WrongParameter{QStringLiteral("service"),
                              Words::tr("Services are defined in ~/.pg_service.conf, in the file that PGSERVICEFILE "
                                        "names, and in pg_service.conf below PGSYSCONFDIR.")};
    for (const Choice &choice : choices) {
        const QString keyword = QString::fromLatin1(choice.keyword);
        const QStringList values = QString::fromLatin1(choice.values).split(QLatin1Char(' '));
        if (given.contains(keyword) && !values.contains(given.value(keyword), Qt::CaseInsensitive))
            return WrongParameter{keyword,
                                  Words::tr("%1 is one of %2.").arg(keyword, values.join(QStringLiteral(", ")))};
    }
    for (const char *number : numbers) {
        if (const auto wrong = wrongNumber(given, QString::fromLatin1(number)))
            return wrong;
    }
    const QStringList ports = given.value(QStringLiteral("port")).split(QLatin1Char(','));
    if (!std::all_of(ports.begin(), ports.end(), isPort))
        return WrongParameter{QStringLiteral("port"), Words::tr("A port is a number from 1 to 65535.")};
    const qsizetype hosts = std::max(given.value(QStringLiteral("host")).count(QLatin1Char(',')),
                                     given.value(QStringLiteral("hostaddr")).count(QLatin1Char(',')))
                            + 1;
    if (ports.size() > 1 && ports.size() != hosts)
        return WrongParameter{QStringLiteral("port"), Words::tr("Of several ports there is one for each host.")};
    return std::nullopt;
}

} // namespace tidemark::pg
