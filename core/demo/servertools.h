// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"
#include "core/base/result.h"

#include <QStringList>

#include <vector>

#include <sys/types.h>

namespace tidemark::demo {

/// The system account that private servers run as: the user's own, or `postgres` when we are root, since neither initdb nor
/// the server agree to run as root. A value; any thread.
class ServerAccount
{
public:
    [[nodiscard]] static Result<ServerAccount> current();

    [[nodiscard]] bool isAnother() const { return m_another; } ///< not the account of this process
    [[nodiscard]] const QString &name() const { return m_name; }
    [[nodiscard]] uid_t uid() const { return m_uid; }
    /// Gives a file or folder to the account.
    [[nodiscard]] Status own(const QString &path) const;
    /// Whether the account may enter the folder, judged by the permissions of the folder and all above it.
    [[nodiscard]] Status checkReach(const QString &folder) const;
    /// Turns the calling process into one of this account. Only for a child between fork and exec.
    void become() const;

private:
    QString m_name;
    uid_t m_uid = 0;
    gid_t m_gid = 0;
    std::vector<gid_t> m_groups;
    bool m_another = false;
};

/// PostgreSQL's server programs as the system has them, and how to run one to its end. A value; any thread.
class ServerTools
{
public:
    /// TIDEMARK_PG_BINDIR, else the highest /usr/lib/postgresql/*/bin with initdb, else what pg_config names. Without any it
    /// is a Missing error that names the package to install.
    [[nodiscard]] static Result<ServerTools> find();
    /// The programs of a folder known to have them.
    [[nodiscard]] static Result<ServerTools> in(const QString &folder);

    /// Runs a program of the folder as the account, with none of the user's PG* variables, and returns what it printed. A
    /// program that fails or exceeds the limit gives an error with the end of its output.
    [[nodiscard]] Result<QByteArray> run(const QString &program, const QStringList &arguments, Millis limit) const;

    [[nodiscard]] const QString &folder() const { return m_folder; }
    [[nodiscard]] const ServerAccount &account() const { return m_account; }

private:
    QString m_folder;
    ServerAccount m_account;
};

} // namespace tidemark::demo
