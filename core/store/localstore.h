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
/// alone; a damaged one likewise. Two programs (tidemark and tidemarkctl) may have it open at once: a busy database is
/// waited for, up to two seconds.
///
/// Access goes through read() and write(), which serialise this process's threads, turn SQLite's exceptions into Errors
/// and, for write(), stand in one transaction.
class LocalStore
{
public:
    /// Opens, creates or upgrades the file; its folder is made, readable by the user alone.
    [[nodiscard]] static Result<std::shared_ptr<LocalStore>> open(const QString &path);
    /// A store that lives in memory and ends with the object.
    [[nodiscard]] static Result<std::shared_ptr<LocalStore>> inMemory();
    /// $XDG_DATA_HOME/tidemark/tidemark.sqlite, or what TIDEMARK_STORE names.
    [[nodiscard]] static QString defaultPath();

    ~LocalStore();

    [[nodiscard]] Status read(const std::function<void(SQLite::Database &)> &work) const;
    [[nodiscard]] Status write(const std::function<void(SQLite::Database &)> &work);

private:
    explicit LocalStore(std::unique_ptr<SQLite::Database> database);
    mutable std::mutex m_mutex;
    std::unique_ptr<SQLite::Database> m_database;
};

} // namespace tidemark
