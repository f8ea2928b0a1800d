// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/session.h"

#include <optional>

namespace tidemark::test {

/// A session that may write, and waits as long as a test may take.
[[nodiscard]] pg::SessionOptions writable();

/// A database of the test's own on a shared cluster, made with the object and dropped with it, whoever is still connected.
class TestDatabase
{
public:
    /// `name` is taken as it is, however ugly; by default it is one that no other test has.
    explicit TestDatabase(const QString &server = QStringLiteral("15"), const QString &name = {});
    /// On any server, for example communityTimescale().
    explicit TestDatabase(const pg::ConnInfo &superuser, const QString &name = {});
    ~TestDatabase();
    TestDatabase(const TestDatabase &) = delete;
    TestDatabase &operator=(const TestDatabase &) = delete;

    [[nodiscard]] QString name() const { return m_name; }
    [[nodiscard]] pg::ConnInfo conn() const { return m_superuser.withDatabase(m_name); }

    /// Aborts where it cannot: the database was there a moment ago.
    [[nodiscard]] pg::Session open(const pg::SessionOptions &options = writable()) const;

    /// Runs SQL of one or several statements on a session kept for it, whose search_path is public, and returns the last
    /// result. An error fails the test with the error's text; the result is empty then.
    pg::ResultSet exec(const QByteArray &sql);
    /// The first column of the first row of one query, as text.
    [[nodiscard]] QString value(const QByteArray &sql, const pg::Params &params = {});

private:
    pg::Session &session();

    pg::ConnInfo m_superuser;
    QString m_name;
    std::optional<pg::Session> m_session;
};

} // namespace tidemark::test
