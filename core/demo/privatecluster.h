// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/demo/servertools.h"

#include <optional>

namespace tidemark::demo {

/// One PostgreSQL cluster that is ours alone: made by initdb in a folder, reachable by password on 127.0.0.1 and on a
/// socket of its own, with nothing outside the folder (but the socket's folder, where that path would be too long).
///
/// Rules: all state is read from the folder and from the running processes, so that any process can pick up where another
/// was killed. Calls block and are bounded in time; never on the GUI thread. Not for two threads at once.
class PrivateCluster
{
public:
    static inline const QString superuser = QStringLiteral("dba");

    struct Settings
    {
        QString title;        ///< cluster_name
        QStringList preload;  ///< shared_preload_libraries, the most dispensable last
        QString cronDatabase; ///< where pg_cron keeps its jobs
        int sharedBuffersMb = 32;
        int maxWalMb = 256;
    };

    PrivateCluster(QString folder, ServerTools tools);

    /// initdb with the superuser `dba` and its password. The folder must not exist yet.
    [[nodiscard]] Status make(const QString &password) const;
    /// Starts the server on a free port and waits until it accepts connections. Returns the preload libraries that it has:
    /// those that are not installed are left out, one by one from the end. A stale pid file is removed, a taken port
    /// avoided.
    [[nodiscard]] Result<QStringList> start(const Settings &settings) const;
    /// Stops the server and everything that still runs in its folder. Fine when nothing runs.
    [[nodiscard]] Status stop() const;
    /// Stops it and removes every file of it.
    [[nodiscard]] Status remove() const;

    [[nodiscard]] bool isMade() const;
    /// The postmaster that runs on this very folder, whatever its pid file says.
    [[nodiscard]] std::optional<qint64> runningPid() const;
    [[nodiscard]] int port() const; ///< the last start's; 0 before the first
    [[nodiscard]] QString socketFolder() const;
    [[nodiscard]] QString logFile() const;
    [[nodiscard]] const QString &folder() const { return m_folder; }

private:
    [[nodiscard]] QString dataFolder() const;
    [[nodiscard]] std::vector<qint64> processes() const;
    [[nodiscard]] Status stop(const QStringList &modes) const;
    [[nodiscard]] Status endLeftovers() const;
    [[nodiscard]] Status writeConfig(const Settings &settings, const QStringList &preload, int port) const;

    QString m_folder;
    ServerTools m_tools;
};

} // namespace tidemark::demo
