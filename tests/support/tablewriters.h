// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/testdatabase.h"

#include <QRandomGenerator>

#include <atomic>
#include <map>
#include <shared_mutex>
#include <thread>

namespace tidemark::test {

/// Clients that write to one table as an application would, and know what it must hold: each owns its keys and remembers
/// what it committed. They never pause for anything the tool does; a statement of theirs that fails is a failure of the
/// tool, except for a serialization failure, which they give up.
///
/// The table is `public.plays (id bigint, at timestamptz, note text, n int)`, its primary key begins with id.
class TableWriters
{
public:
    struct Row
    {
        QString at;   ///< as PostgreSQL prints it in UTC
        QString note; ///< null string for NULL
        int n = 0;
        friend bool operator==(const Row &, const Row &) = default;
    };
    using Content = std::map<qint64, Row>;

    /// What they do besides single inserts, updates and deletes.
    struct Habits
    {
        bool truncate = false;
        bool replicate = true; ///< write as a subscription does, past ordinary triggers: those of a hypertable miss it
        bool move = true;      ///< set another time: a hypertable takes none that leads out of its chunk
    };

    TableWriters(const TestDatabase &database, quint32 seed, int writers, const Habits &habits);
    ~TableWriters();

    /// Ends all of them after their statement.
    void stop();

    [[nodiscard]] Content expected() const;
    [[nodiscard]] static Content content(TestDatabase &database, const char *table = "public.plays");
    /// The first thing in which two differ, for the message of a failed test; empty where they are equal.
    [[nodiscard]] static QString difference(const Content &is, const Content &shouldBe);

    [[nodiscard]] QStringList errors() const;
    [[nodiscard]] qint64 transactions() const { return m_transactions; }
    [[nodiscard]] Millis longestStatement() const { return Millis(m_longestMs.load()); }

private:
    class Writer;
    void write(Writer &writer, std::stop_token stop);
    void truncate(Writer &writer);

    mutable std::shared_mutex m_truncating; ///< shared by who writes, alone for TRUNCATE
    mutable std::mutex m_mutex;
    QStringList m_errors;
    std::atomic<qint64> m_transactions = 0;
    std::atomic<qint64> m_longestMs = 0;
    Habits m_habits;
    std::vector<std::unique_ptr<Writer>> m_writers;
    std::vector<std::jthread> m_threads;
};

} // namespace tidemark::test
