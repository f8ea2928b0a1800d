// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/qualifiedname.h"

#include <QString>

namespace tidemark {

/// What a lock is on, in the columns of pg_locks (PostgreSQL documentation, "pg_locks"). Only those of its type are filled.
struct LockTag
{
    QString type; ///< "relation", "extend", "page", "tuple", "transactionid", "virtualxid", "object", "advisory" …
    quint32 relationOid = 0;
    pg::QualifiedName relation; ///< empty where this database's catalogue does not show it
    QString otherDatabase;      ///< empty for the database that was asked, and for shared objects
    int page = 0;
    int tuple = 0;
    quint32 transactionId = 0;
    QString virtualXid;
    quint32 classOid = 0;
    QString className; ///< the catalogue of an "object", for example pg_namespace
    quint32 objectOid = 0;
    QString objectName;  ///< of a database, role or tablespace; empty where it is not known
    int objectSubId = 0; ///< of an advisory lock: 1 one bigint key, 2 two integer keys
};

/// The locked thing for people: "public.plays", "row (0,7) of public.plays", "advisory 1", "advisory (1, -2)",
/// "transaction 4711", "database plays", "relation 16384 in otherdb". Pure.
[[nodiscard]] QString lockObjectText(const LockTag &tag);

/// 1 for AccessShareLock to 8 for AccessExclusiveLock, PostgreSQL's own numbers; 0 for what is no such mode.
[[nodiscard]] int lockModeStrength(const QString &mode);

/// Whether PostgreSQL makes the one wait for the other (documentation, "Conflicting Lock Modes"). Pure.
[[nodiscard]] bool lockModesConflict(const QString &wanted, const QString &held);

} // namespace tidemark
