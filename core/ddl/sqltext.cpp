// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ddl/sqltext.h"

#include "core/ddl/identifiers.h"

namespace tidemark::ddl {

namespace {

QStringList everyPrivilege(GrantKind kind, int serverVersion)
{
    switch (kind) {
    case GrantKind::Sequence:
        return {QStringLiteral("SELECT"), QStringLiteral("UPDATE"), QStringLiteral("USAGE")};
    case GrantKind::Function:
        return {QStringLiteral("EXECUTE")};
    case GrantKind::Table:
        break;
    }
    QStringList all{QStringLiteral("DELETE"), QStringLiteral("INSERT"),  QStringLiteral("REFERENCES"),
                    QStringLiteral("SELECT"), QStringLiteral("TRIGGER"), QStringLiteral("TRUNCATE"),
                    QStringLiteral("UPDATE")};
    if (serverVersion >= 170'000)
        all.insert(2, QStringLiteral("MAINTAIN"));
    return all;
}

/// One GRANT: the privileges that a grantor gave a grantee on the same terms.
struct Grant
{
    QString grantor;
    QString grantee;
    bool grantable = false;
    QStringList privileges;
};

std::vector<Grant> grouped(const std::vector<Privilege> &privileges)
{
    std::vector<Grant> grants;
    for (const Privilege &privilege : privileges) {
        if (grants.empty() || grants.back().grantor != privilege.grantor || grants.back().grantee != privilege.grantee
            || grants.back().grantable != privilege.grantable)
            grants.push_back({privilege.grantor, privilege.grantee, privilege.grantable, {}});
        grants.back().privileges << privilege.privilege;
    }
    return grants;
}

void addGrant(QStringList &statements, const QString &owner, const Grant &grant, const QString &what,
              const QString &object)
{
    // GRANTED BY only takes who speaks, so another grantor must speak.
    const bool isOthers = grant.grantor != owner;
    if (isOthers)
        statements << QStringLiteral("SET LOCAL ROLE ") + quotedRole(grant.grantor);
    statements << QStringLiteral("GRANT %1 ON %2 TO %3%4")
                      .arg(what, object, quotedRole(grant.grantee),
                           grant.grantable ? QStringLiteral(" WITH GRANT OPTION") : QString());
    if (isOthers)
        statements << QStringLiteral("RESET ROLE");
}

} // namespace

QString quotedList(const QStringList &names)
{
    QStringList quoted;
    for (const QString &name : names)
        quoted << pg::quoteIdentifier(name);
    return quoted.join(QStringLiteral(", "));
}

QString quotedRole(const QString &role)
{
    return role.isEmpty() ? QStringLiteral("PUBLIC") : pg::quoteIdentifier(role);
}

QString optionList(const QStringList &options)
{
    QStringList list;
    for (const QString &option : options) {
        QStringList path = option.section(QLatin1Char('='), 0, 0).split(QLatin1Char('.'));
        for (QString &part : path)
            part = pg::quoteIdentifier(part);
        list << path.join(QLatin1Char('.')) + QLatin1Char('=') + pg::quoteLiteral(option.section(QLatin1Char('='), 1));
    }
    return list.join(QStringLiteral(", "));
}

void addComment(QStringList &statements, const QString &object, const QString &comment)
{
    if (!comment.isEmpty())
        statements << QStringLiteral("COMMENT ON %1 IS %2").arg(object, pg::quoteLiteral(comment));
}

void addLabels(QStringList &statements, const QString &object, const std::vector<SecurityLabel> &labels)
{
    for (const SecurityLabel &label : labels)
        statements << QStringLiteral("SECURITY LABEL FOR %1 ON %2 IS %3")
                          .arg(pg::quoteIdentifier(label.provider), object, pg::quoteLiteral(label.label));
}

void addGrants(QStringList &statements, GrantKind kind, const QString &object, const QString &owner,
               const std::vector<Privilege> &privileges, const QStringList &defaultGrantees, int serverVersion)
{
    const std::vector<Grant> grants = grouped(privileges);
    const QStringList all = everyPrivilege(kind, serverVersion);
    const auto isFresh = [&](const Grant &grant) {
        return grant.grantor == owner && !grant.grantable && grant.privileges == all
               && (grant.grantee == owner || (kind == GrantKind::Function && grant.grantee.isEmpty()));
    };
    const auto isGiven = [&](const QString &grantee) {
        return std::any_of(grants.begin(), grants.end(),
                           [&](const Grant &grant) { return isFresh(grant) && grant.grantee == grantee; });
    };
    QStringList takenBack;
    QStringList mayHaveSome = defaultGrantees;
    mayHaveSome << owner << QString();
    for (const QString &grantee : mayHaveSome) {
        const bool mayHave = grantee == owner || kind == GrantKind::Function || defaultGrantees.contains(grantee);
        if (mayHave && !isGiven(grantee) && !takenBack.contains(quotedRole(grantee)))
            takenBack << quotedRole(grantee);
    }
    if (!takenBack.isEmpty())
        statements << QStringLiteral("REVOKE ALL ON %1 FROM %2").arg(object, takenBack.join(QStringLiteral(", ")));
    for (const Grant &grant : grants) {
        if (!isFresh(grant))
            addGrant(statements, owner, grant, grant.privileges.join(QStringLiteral(", ")), object);
    }
}

void addColumnGrants(QStringList &statements, const QString &relation, const QString &owner,
                     const std::vector<TableColumn> &columns)
{
    for (const TableColumn &column : columns) {
        for (const Grant &grant : grouped(column.privileges)) {
            QStringList privileges = grant.privileges;
            for (QString &privilege : privileges)
                privilege += QStringLiteral(" (%1)").arg(pg::quoteIdentifier(column.name));
            addGrant(statements, owner, grant, privileges.join(QStringLiteral(", ")),
                     QStringLiteral("TABLE ") + relation);
        }
    }
}

void addColumnSettings(QStringList &statements, const QString &head, const std::vector<TableColumn> &columns,
                       bool withStorage)
{
    for (const TableColumn &column : columns) {
        const QString alter = QStringLiteral("%1 ALTER COLUMN %2 SET ").arg(head, pg::quoteIdentifier(column.name));
        if (withStorage && !column.storageIsDefault)
            statements << alter + QStringLiteral("STORAGE ") + column.storage;
        if (column.statisticsTarget >= 0)
            statements << alter + QStringLiteral("STATISTICS %1").arg(column.statisticsTarget);
        if (!column.options.isEmpty())
            statements << alter + QStringLiteral("(%1)").arg(optionList(column.options));
    }
}

QString withKeyColumn(const QString &definition, const QString &column)
{
    int depth = 0;
    QChar quote;
    for (qsizetype i = 0; i < definition.size(); ++i) {
        const QChar character = definition.at(i);
        if (!quote.isNull()) {
            // A doubled quote closes and opens again, which comes to the same.
            if (character == quote)
                quote = QChar();
            continue;
        }
        if (character == QLatin1Char('"') || character == QLatin1Char('\''))
            quote = character;
        else if (character == QLatin1Char('('))
            ++depth;
        else if (character == QLatin1Char(')') && --depth == 0)
            return definition.left(i) + QStringLiteral(", ") + pg::quoteIdentifier(column) + definition.mid(i);
    }
    return definition;
}

} // namespace tidemark::ddl
