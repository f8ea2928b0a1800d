// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QString>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

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
///
/// A program that runs for days may lose its file: deleted, replaced, locked, on a full or failing disk. What cannot be
/// done is an Error each time, and trouble() tells of it until the store takes what is written again; a file that is gone,
/// or that awaiting() could not open, is opened or made anew, tried every few seconds. opened() then counts up: ids that a
/// caller has kept mean nothing in the new file.
class LocalStore
{
public:
    /// Opens, creates or upgrades the file. A folder that is made and the file are the user's alone (0700, 0600).
    [[nodiscard]] static Result<std::shared_ptr<LocalStore>> open(const QString &path);
    /// A store that cannot be opened now, and why: it is tried again for as long as it is asked for something.
    [[nodiscard]] static std::shared_ptr<LocalStore> awaiting(const QString &path, const Error &why);
    /// A store that lives in memory and ends with the object; readers and writers share its one connection.
    [[nodiscard]] static Result<std::shared_ptr<LocalStore>> inMemory();
    /// $XDG_DATA_HOME/tidemark/tidemark.sqlite, or what TIDEMARK_STORE names.
    [[nodiscard]] static QString defaultPath();

    ~LocalStore();

    [[nodiscard]] const QString &path() const { return m_path; }
    /// Why it takes nothing now; nothing: it does. A fault of some writes stands until they all went through for a while.
    [[nodiscard]] std::optional<Error> trouble() const;
    /// How often the file was opened; 0 while it is awaited.
    [[nodiscard]] int opened() const { return m_opened; }

    [[nodiscard]] Status read(const std::function<void(SQLite::Database &)> &work) const;
    [[nodiscard]] Status write(const std::function<void(SQLite::Database &)> &work);

private:
    struct Connection
    {
        std::mutex mutex;
        std::unique_ptr<SQLite::Database> database;
    };

    explicit LocalStore(const QString &path);

    [[nodiscard]] Status openFile() const;
    /// Whether the file is open and still the one at its path; else tries to open it again, not too often.
    [[nodiscard]] Status ensureOpen() const;
    [[nodiscard]] bool isStillThere() const;
    Status noted(Status done);

    QString m_path; ///< empty in memory
    // Opening the file anew is no change of what the store is.
    mutable Connection m_writer;
    mutable Connection m_reader; ///< without a database in memory
    mutable std::atomic<int> m_opened = 0;

    mutable std::mutex m_stateMutex; ///< of all below; never held while a connection is waited for
    mutable std::optional<Error> m_trouble;
    mutable std::chrono::steady_clock::time_point m_troubledAt;
    mutable std::chrono::steady_clock::time_point m_nextTry;
    mutable std::pair<quint64, quint64> m_file; ///< device and number of the open one; zeros where none is open
};

} // namespace tidemark
