// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/conninfo.h"

#include <QRegularExpression>

#include <libpq-fe.h>

#include <algorithm>
#include <memory>

namespace tidemark::pg {

namespace {

const QString passwordKeywords[] = {QStringLiteral("password"), QStringLiteral("sslpassword")};

bool isSecret(const QString &keyword)
{
    return std::find(std::begin(passwordKeywords), std::end(passwordKeywords), keyword) != std::end(passwordKeywords);
}

// Within a keyword string a value stands in single quotes with \ and ' escaped (libpq documentation, 34.1.1.1).
QString quoteValue(const QString &value)
{
    QString escaped = value;
    escaped.replace(QLatin1Char('\\'), QLatin1String("\\\\"));
    escaped.replace(QLatin1Char('\''), QLatin1String("\\'"));
    return QLatin1Char('\'') + escaped + QLatin1Char('\'');
}

} // namespace

namespace {

/// Whether a password ends the URI's part that names user and hosts too early, so that libpq would take the rest of it for a
/// host or a port, and print it.
bool hasLoosePassword(const QString &uri)
{
    const QString rest = uri.mid(uri.indexOf(QLatin1String("://")) + 3);
    static const QRegularExpression end(QStringLiteral("[/?#]"));
    const QString authority = rest.left(rest.indexOf(end));
    const qsizetype at = authority.indexOf(QLatin1Char('@'));
    if (authority.indexOf(QLatin1Char('@'), at + 1) >= 0 && at >= 0)
        return true;
    // user:pa/ss@host: before the slash stands what looks like a port, and is none.
    static const QRegularExpression ports(QStringLiteral("^[0-9,]*$"));
    const QString afterColon = authority.mid(authority.lastIndexOf(QLatin1Char(':')) + 1);
    return at < 0 && authority.contains(QLatin1Char(':')) && !authority.contains(QLatin1Char('['))
           && !ports.match(afterColon).hasMatch() && rest.contains(QLatin1Char('@'));
}

} // namespace

Result<ConnInfo> ConnInfo::parse(const QString &text)
{
    const QString trimmed = text.trimmed();
    ConnInfo info;
    const bool isUri = trimmed.startsWith(QLatin1String("postgresql://"))
                       || trimmed.startsWith(QLatin1String("postgres://"));
    if (!isUri && !trimmed.contains(QLatin1Char('='))) {
        if (!trimmed.isEmpty())
            info.m_keywords.append({QStringLiteral("dbname"), trimmed});
        return info;
    }

    if (isUri && hasLoosePassword(trimmed)) {
        return fail(Error::input(QStringLiteral("not a connection string: its user or password holds a character that "
                                                "ends it"),
                                 QStringLiteral("In a URI write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, or "
                                                "leave the password to .pgpass.")));
    }
    char *reason = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(trimmed.toUtf8().constData(), &reason), &PQconninfoFree);
    const std::unique_ptr<char, decltype(&PQfreemem)> reasonOwner(reason, &PQfreemem);
    if (!options) {
        return fail(
            Error::input(QStringLiteral("not a connection string: %1")
                             .arg(QString::fromUtf8(reason ? reason : "out of memory").trimmed()),
                         QStringLiteral("Give a URI such as postgresql://user@host:5432/database, keywords such as "
                                        "host=… dbname=…, or service=NAME.")));
    }
    for (const PQconninfoOption *option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr)
            info.m_keywords.append({QString::fromUtf8(option->keyword), QString::fromUtf8(option->val)});
    }
    return info;
}

QString ConnInfo::value(const QString &keyword) const
{
    const auto found = std::find_if(m_keywords.begin(), m_keywords.end(),
                                    [&](const auto &entry) { return entry.first == keyword; });
    return found == m_keywords.end() ? QString() : found->second;
}

ConnInfo ConnInfo::with(const QString &keyword, const QString &value) const
{
    ConnInfo changed = *this;
    changed.m_keywords.removeIf([&](const auto &entry) { return entry.first == keyword; });
    if (!value.isEmpty())
        changed.m_keywords.append({keyword, value});
    return changed;
}

QString ConnInfo::withoutPassword() const
{
    QStringList parts;
    for (const auto &[keyword, value] : m_keywords) {
        if (!isSecret(keyword))
            parts << keyword + QLatin1Char('=') + quoteValue(value);
    }
    return parts.join(QLatin1Char(' '));
}

QString ConnInfo::display() const
{
    const QString service = value(QStringLiteral("service"));
    QString host = value(QStringLiteral("host"));
    if (host.isEmpty())
        host = value(QStringLiteral("hostaddr"));
    if (host.isEmpty())
        host = service.isEmpty() ? QStringLiteral("local") : QStringLiteral("service ") + service;
    const QString port = value(QStringLiteral("port"));
    const QString database = value(QStringLiteral("dbname"));
    return host + (port.isEmpty() ? QString() : QLatin1Char(':') + port)
           + (database.isEmpty() ? QString() : QLatin1Char('/') + database);
}

} // namespace tidemark::pg
