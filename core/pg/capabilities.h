// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/session.h"

#include <QHash>

namespace tidemark::pg {

/// What this server and this role can do, probed once a session and never guessed from a version string, except where
/// the version itself is the question. A value; copy freely.
struct Capabilities
{
    int serverVersion = 0;     ///< 150018
    QString serverVersionText; ///< "15.18 (Debian …)"
    QString systemIdentifier;  ///< the cluster's number, one under all its names; of a standby with its address
    int timeline = 0;          ///< on which it writes; of a standby, on which it follows
    quint32 databaseOid = 0;
    QString database;
    QString user;
    bool isSuperuser = false;
    bool canReadAllStats = false; ///< member of pg_read_all_stats (pg_monitor is): sees others' queries
    bool inRecovery = false;
    bool tracksCommitTimestamps = false;
    int blockSize = 8192;
    QHash<QString, QString> extensions; ///< name -> installed version
    QHash<QString, QString> extensionSchemas;

    [[nodiscard]] int major() const { return serverVersion / 10000; }
    [[nodiscard]] bool hasExtension(const QString &name) const { return extensions.contains(name); }

    /// One round trip. May be asked again later: extensions come and go, a standby is promoted.
    [[nodiscard]] static Result<Capabilities> probe(Session &session, const CallOptions &call = {});
};

} // namespace tidemark::pg
