// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/refresh/refreshspec.h"

#include "core/base/words.h"

#include <QJsonArray>

#include <array>

namespace tidemark::refresh {

namespace {

constexpr std::array ways{Word{Way::Automatic, "automatic"}, Word{Way::Concurrently, "concurrently"},
                          Word{Way::Plain, "plain"}};

Error wrong(const QString &key)
{
    return Error::input(QStringLiteral("“%1” of a refresh is not what it can be").arg(key));
}

} // namespace

QString wordsOfNoData()
{
    return QStringLiteral("empty until the next refresh");
}

QString toWord(Way way)
{
    return wordOf(ways, way);
}

std::optional<Way> wayOf(const QString &word)
{
    return valueOf(ways, word);
}

QJsonObject RefreshSpec::toJson() const
{
    QJsonArray list;
    for (const pg::QualifiedName &name : names)
        list.append(QJsonObject{{QStringLiteral("schema"), name.schema}, {QStringLiteral("name"), name.name}});
    return {
        {QStringLiteral("names"), list},
        {QStringLiteral("cascade"), cascade},
        {QStringLiteral("way"), toWord(way)},
        {QStringLiteral("accepts_lock"), acceptsLock},
        {QStringLiteral("with_no_data"), withNoData},
        {QStringLiteral("from"), from},
        {QStringLiteral("to"), to},
        {QStringLiteral("sessions"), sessions},
        {QStringLiteral("lock_patience_ms"), static_cast<qint64>(lockPatience.count())},
        {QStringLiteral("statement_timeout_ms"),
         statementTimeout ? QJsonValue(static_cast<qint64>(statementTimeout->count())) : QJsonValue()},
    };
}

Result<RefreshSpec> RefreshSpec::fromJson(const QJsonObject &json)
{
    RefreshSpec spec;
    const QJsonObject known = spec.toJson();
    for (auto entry = json.begin(); entry != json.end(); ++entry) {
        if (!known.contains(entry.key()))
            return fail(Error::input(QStringLiteral("a refresh has no “%1”").arg(entry.key())));
    }
    for (const QJsonValue &value : json.value(QStringLiteral("names")).toArray()) {
        const QJsonObject name = value.toObject();
        spec.names.push_back(
            {name.value(QStringLiteral("schema")).toString(), name.value(QStringLiteral("name")).toString()});
        if (spec.names.back().name.isEmpty())
            return fail(wrong(QStringLiteral("names")));
    }
    spec.cascade = json.value(QStringLiteral("cascade")).toBool();
    const auto way = wayOf(json.value(QStringLiteral("way")).toString(toWord(spec.way)));
    if (!way)
        return fail(wrong(QStringLiteral("way")));
    spec.way = *way;
    spec.acceptsLock = json.value(QStringLiteral("accepts_lock")).toBool();
    spec.withNoData = json.value(QStringLiteral("with_no_data")).toBool();
    spec.from = json.value(QStringLiteral("from")).toString();
    spec.to = json.value(QStringLiteral("to")).toString();
    spec.sessions = json.value(QStringLiteral("sessions")).toInt(spec.sessions);
    spec.lockPatience = Millis(
        json.value(QStringLiteral("lock_patience_ms")).toInteger(static_cast<qint64>(spec.lockPatience.count())));
    if (const QJsonValue timeout = json.value(QStringLiteral("statement_timeout_ms")); timeout.isDouble())
        spec.statementTimeout = Millis(timeout.toInteger());
    TIDEMARK_CHECK(spec.check());
    return spec;
}

Status RefreshSpec::check() const
{
    if (sessions < 1 || sessions > mostSessions)
        return fail(Error::input(QStringLiteral("a refresh works with 1 to %1 sessions").arg(mostSessions)));
    if (lockPatience <= Millis(0) || (statementTimeout && *statementTimeout <= Millis(0)))
        return fail(Error::input(QStringLiteral("a timeout of a refresh is longer than nothing")));
    if (withNoData && cascade) {
        return fail(Error::input(QStringLiteral("what is emptied cannot bring anything up to date that reads it"),
                                 QStringLiteral("Leave out the cascade, or the emptying.")));
    }
    if (withNoData && way == Way::Concurrently)
        return fail(Error::input(QStringLiteral("PostgreSQL empties no view concurrently")));
    return {};
}

} // namespace tidemark::refresh
