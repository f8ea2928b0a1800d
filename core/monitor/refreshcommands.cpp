// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/refreshcommands.h"

#include <QRegularExpression>
#include <QSet>

#include <algorithm>

namespace tidemark {

namespace {

bool calls(const QString &sql, const QString &function)
{
    const QRegularExpression call(
        QStringLiteral("(?<![\\w$])\"?%1\"?\\s*\\(").arg(QRegularExpression::escape(function)),
        QRegularExpression::CaseInsensitiveOption);
    return call.match(sql).hasMatch();
}

void addNew(std::vector<RefreshStatement> &found, const std::vector<RefreshStatement> &more)
{
    for (const RefreshStatement &statement : more) {
        if (std::find(found.begin(), found.end(), statement) == found.end())
            found.push_back(statement);
    }
}

} // namespace

std::vector<RefreshStatement> refreshStatementsIn(const QString &sql)
{
    static const QRegularExpression statement(
        QStringLiteral("refresh\\s+materialized\\s+view\\s+(concurrently\\s+)?"
                       "((?:\"(?:[^\"]|\"\")+\"|[\\w$]+)(?:\\s*\\.\\s*(?:\"(?:[^\"]|\"\")+\"|[\\w$]+))?)"),
        QRegularExpression::CaseInsensitiveOption | QRegularExpression::UseUnicodePropertiesOption);
    std::vector<RefreshStatement> found;
    auto matches = statement.globalMatch(sql);
    while (matches.hasNext()) {
        const auto match = matches.next();
        if (const auto name = pg::QualifiedName::parse(match.captured(2)))
            found.push_back({*name, !match.captured(1).isEmpty()});
    }
    static const QRegularExpression call(
        QStringLiteral("refresh_continuous_aggregate\\s*\\(\\s*(?:\\w+\\s*=>\\s*)?'((?:[^']|'')+)'"),
        QRegularExpression::CaseInsensitiveOption);
    matches = call.globalMatch(sql);
    while (matches.hasNext()) {
        QString text = matches.next().captured(1);
        if (const auto name = pg::QualifiedName::parse(text.replace(QLatin1String("''"), QLatin1String("'"))))
            found.push_back({*name, false});
    }
    return found;
}

pg::QualifiedName resolveView(const pg::QualifiedName &name, const std::vector<pg::QualifiedName> &views,
                              const QString &user)
{
    std::vector<pg::QualifiedName> fitting;
    for (const pg::QualifiedName &view : views) {
        if (view.name == name.name && (name.schema.isEmpty() || view.schema == name.schema))
            fitting.push_back(view);
    }
    for (const QString &schema : {user, QStringLiteral("public")}) {
        const auto found = std::find_if(fitting.begin(), fitting.end(),
                                        [&](const auto &view) { return view.schema == schema; });
        if (found != fitting.end())
            return *found;
    }
    return fitting.size() == 1 ? fitting.front() : pg::QualifiedName();
}

std::vector<RefreshStatement> RefreshCommands::refreshesOf(const QString &command) const
{
    std::vector<RefreshStatement> found = refreshStatementsIn(command);
    QSet<qsizetype> entered;
    QStringList texts{command};
    while (!texts.isEmpty()) {
        const QString text = texts.takeFirst();
        for (std::size_t i = 0; i < m_functions.size(); ++i) {
            if (entered.contains(static_cast<qsizetype>(i)) || !calls(text, m_functions[i].name.name))
                continue;
            entered.insert(static_cast<qsizetype>(i));
            addNew(found, refreshStatementsIn(m_functions[i].body));
            texts << m_functions[i].body;
        }
    }
    return found;
}

bool RefreshCommands::isSingleRefresh(const QString &command)
{
    static const QRegularExpression single(
        QStringLiteral("^\\s*(?:refresh\\s+materialized\\s+view\\s|"
                       "call\\s+(?:\\w+\\.)?refresh_continuous_aggregate\\s*\\()[^;]*;?\\s*$"),
        QRegularExpression::CaseInsensitiveOption);
    return single.match(command).hasMatch();
}

} // namespace tidemark
