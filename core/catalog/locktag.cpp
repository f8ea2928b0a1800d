// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/locktag.h"

#include <QCoreApplication>
#include <QStringList>

#include <array>

namespace tidemark {

namespace {

QString inDatabase(const QString &text, const LockTag &tag)
{
    return tag.otherDatabase.isEmpty() ? text
                                       : QCoreApplication::translate("Locks", "%1 in %2").arg(text, tag.otherDatabase);
}

QString relationText(const LockTag &tag)
{
    if (!tag.relation.name.isEmpty())
        return inDatabase(tag.relation.display(), tag);
    return inDatabase(QCoreApplication::translate("Locks", "relation %1").arg(tag.relationOid), tag);
}

QString advisoryText(const LockTag &tag)
{
    // pg_locks shows both halves as oids, that is unsigned; the functions take signed keys.
    if (tag.objectSubId == 2)
        return QCoreApplication::translate("Locks", "advisory (%1, %2)")
            .arg(static_cast<qint32>(tag.classOid))
            .arg(static_cast<qint32>(tag.objectOid));
    const quint64 key = (static_cast<quint64>(tag.classOid) << 32) | tag.objectOid;
    return QCoreApplication::translate("Locks", "advisory %1").arg(static_cast<qint64>(key));
}

QString sharedObjectText(const LockTag &tag)
{
    if (tag.className == QLatin1String("pg_database"))
        return QCoreApplication::translate("Locks", "database %1").arg(tag.objectName);
    if (tag.className == QLatin1String("pg_tablespace"))
        return QCoreApplication::translate("Locks", "tablespace %1").arg(tag.objectName);
    return QCoreApplication::translate("Locks", "role %1").arg(tag.objectName);
}

} // namespace

QString lockObjectText(const LockTag &tag)
{
    if (tag.type == QLatin1String("relation"))
        return relationText(tag);
    if (tag.type == QLatin1String("extend"))
        return QCoreApplication::translate("Locks", "extension of %1").arg(relationText(tag));
    if (tag.type == QLatin1String("page"))
        return QCoreApplication::translate("Locks", "page %1 of %2").arg(QString::number(tag.page), relationText(tag));
    if (tag.type == QLatin1String("tuple"))
        return QCoreApplication::translate("Locks", "row (%1,%2) of %3")
            .arg(QString::number(tag.page), QString::number(tag.tuple), relationText(tag));
    if (tag.type == QLatin1String("transactionid"))
        return QCoreApplication::translate("Locks", "transaction %1").arg(tag.transactionId);
    if (tag.type == QLatin1String("virtualxid"))
        return QCoreApplication::translate("Locks", "virtual transaction %1").arg(tag.virtualXid);
    if (tag.type == QLatin1String("advisory"))
        return inDatabase(advisoryText(tag), tag);
    if (tag.type == QLatin1String("object") && !tag.objectName.isEmpty())
        return sharedObjectText(tag);
    if (tag.type == QLatin1String("object")) {
        const QString catalogue = tag.className.isEmpty() ? QString::number(tag.classOid) : tag.className;
        return inDatabase(
            QCoreApplication::translate("Locks", "object %1 of %2").arg(QString::number(tag.objectOid), catalogue),
            tag);
    }
    return inDatabase(tag.type, tag);
}

int lockModeStrength(const QString &mode)
{
    static const QStringList modes{QStringLiteral("AccessShareLock"),  QStringLiteral("RowShareLock"),
                                   QStringLiteral("RowExclusiveLock"), QStringLiteral("ShareUpdateExclusiveLock"),
                                   QStringLiteral("ShareLock"),        QStringLiteral("ShareRowExclusiveLock"),
                                   QStringLiteral("ExclusiveLock"),    QStringLiteral("AccessExclusiveLock")};
    return static_cast<int>(modes.indexOf(mode)) + 1;
}

bool lockModesConflict(const QString &wanted, const QString &held)
{
    // Bit n of row m: mode m conflicts with mode n, as LockConflicts in PostgreSQL's lock.c has it.
    static constexpr std::array<unsigned, 9> conflicts{0x000, 0x100, 0x180, 0x1e0, 0x1f0, 0x1d8, 0x1f8, 0x1fc, 0x1fe};
    const auto row = static_cast<std::size_t>(lockModeStrength(wanted));
    return (conflicts[row] & (1U << lockModeStrength(held))) != 0;
}

} // namespace tidemark
