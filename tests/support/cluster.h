// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/pg/conninfo.h"

#include <QMap>
#include <QStringList>

#include <functional>

namespace tidemark::test {

struct ClusterOptions
{
    QString server = QStringLiteral("15"); ///< a name of serverNames()
    QMap<QString, QString> settings;       ///< of postgresql.conf, over those every test cluster has
    QStringList hba;                       ///< lines of pg_hba.conf; none: everybody is trusted
    bool tls = false;                      ///< ssl on, with a certificate of its own for localhost
};

/// A PostgreSQL cluster in a folder: made, started, stopped, killed, removed. It listens on a Unix socket in its folder
/// and on a free port of 127.0.0.1. Nothing it writes survives a crash of the machine (fsync off), and its defaults for
/// time zone, date and interval style are odd on purpose, because real servers' are.
///
/// Servers refuse to run as root; then they run as user postgres.
class Cluster
{
public:
    Cluster(QString folder, ClusterOptions options);

    /// initdb and configuration, where the folder has none yet. Needs no call: start() makes what is missing.
    [[nodiscard]] Status create();
    /// Instead of create(): a copy of a running cluster of the same version that follows it, from start() on.
    [[nodiscard]] Status createStandbyOf(const Cluster &primary);
    /// Returns when the server takes connections.
    [[nodiscard]] Status start();
    /// "fast" rolls everybody back and writes a checkpoint; "immediate" leaves the next start to recover.
    [[nodiscard]] Status stop(const QString &mode = QStringLiteral("fast"));
    /// SIGKILL to the postmaster, as the kernel out of memory does it.
    void kill();
    /// Stops it where it runs, changes settings, starts it.
    [[nodiscard]] Status restart(const QMap<QString, QString> &changed = {});
    /// Stops it at once and deletes its folder.
    void remove();

    [[nodiscard]] bool isRunning() const;
    /// As superuser postgres, to database postgres, through the socket. Of a running or once started cluster.
    [[nodiscard]] pg::ConnInfo connInfo() const;
    /// The same over TCP: where pg_hba's host lines and TLS apply.
    [[nodiscard]] pg::ConnInfo tcpConnInfo() const;
    [[nodiscard]] QString folder() const { return m_folder; }
    /// Certificate authority of a TLS cluster, for sslrootcert.
    [[nodiscard]] QString certificateFile() const;
    /// The end of the server's log, for the message of a failed test.
    [[nodiscard]] QString logTail() const;

private:
    [[nodiscard]] QString dataFolder() const;
    /// As the user servers run as.
    [[nodiscard]] Status run(const QString &program, const QStringList &arguments) const;
    [[nodiscard]] Status appendSettings(const QMap<QString, QString> &settings) const;
    [[nodiscard]] Status makeCertificate() const;
    /// The lines of postmaster.pid; empty where no server of this folder runs.
    [[nodiscard]] QStringList postmasterFile() const;

    QString m_folder;
    ClusterOptions m_options;
    int m_port = 0;
};

/// A private cluster that a test may stop, kill or configure as it likes. Stopped and deleted with the object.
class TestCluster : public Cluster
{
public:
    explicit TestCluster(ClusterOptions options = {});
    ~TestCluster();
    TestCluster(const TestCluster &) = delete;
    TestCluster &operator=(const TestCluster &) = delete;
};

/// The folder below which all clusters of this build live.
[[nodiscard]] QString stateFolder();

/// The clusters of a build are shared by all processes that run its tests, and more than one run may be under way: each
/// process holds the folder from its first start of a server to its end, and only who holds it alone may take it away.
void holdStateFolder();
/// Runs `work` while no process holds the folder; false, and nothing is done, where one does.
[[nodiscard]] bool withStateFolderAlone(const std::function<void()> &work);

} // namespace tidemark::test
