// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QString>

#include <functional>
#include <memory>
#include <mutex>

namespace SQLite {
class Database;
}

namespace tidemark {

/// The one SQLite file of this workstation: WAL, synchronous NORMAL, foreign keys on, STRICT tables, schema versions in
/// user_version with each upgrade in one transaction. A file of a newer version is refused with the way out and left
/// alone; a damaged one, or one that is no store of ours, likewise. Two programs (tidemark and tidemarkctl) may have it
/// open at once: a busy database is waited for, up to two seconds.
///
/// Access goes through read() and write(), from any thread. They serialise this process's threads, turn what the work
/// throws into Errors and, for write(), stand in one transaction. Readers and writers have a connection each, so that a
/// reader never waits for a writer. The work must not call the store again.
class LocalStore
{
public:
    /// Opens, creates or upgrades the file. A folder that is made and the file are the user's alone (0700, 0600).
    [[nodiscard]] static Result<std::shared_ptr<LocalStore>> open(const QString &path);
    /// A store that lives in memory and ends with the object; readers and writers share its one connection.
    [[nodiscard]] static Result<std::shared_ptr<LocalStore>> inMemory();
    /// $XDG_DATA_HOME/tidemark/tidemark.sqlite, or what TIDEMARK_STORE names.
    [[nodiscard]] static QString defaultPath();

    ~LocalStore();

    [[nodiscard]] const QString &path() const { return m_path; }

    [[nodiscard]] Status read(const std::function<void(SQLite::Database &)> &work) const;
    [[nodiscard]] Status write(const std::function<void(SQLite::Database &)> &work);

private:
    struct Connection
    {
        std::mutex mutex;
        std::unique_ptr<SQLite::Database> database;
    };

    explicit LocalStore(const QString &path);

    QString m_path; ///< empty in memory
    mutable Connection m_writer;
    mutable Connection m_reader; ///< without a database in memory
};

} // namespace tidemark
