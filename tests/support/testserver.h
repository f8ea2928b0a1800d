// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/cluster.h"
#include "tests/support/serverbinaries.h"
#include "tests/support/testdatabase.h"

#include <QTest>

#include <optional>

namespace tidemark::test {

/// Whether the named server is installed; else why not.
[[nodiscard]] bool isAvailable(const QString &server, QString *why = nullptr);

/// Superuser postgres at database postgres of the shared cluster of that name, which is started if it does not run.
/// Shared means: tests only touch databases of their own (TestDatabase). Aborts, with the server's log, where it cannot
/// be started.
[[nodiscard]] pg::ConnInfo server(const QString &name);
/// The same over TCP.
[[nodiscard]] pg::ConnInfo serverOverTcp(const QString &name);

/// A server with TimescaleDB's community edition, where TIDEMARK_TEST_TIMESCALE names one.
[[nodiscard]] std::optional<pg::ConnInfo> communityTimescale();

/// Starts those that do not run.
[[nodiscard]] Status startShared(const QString &name);
/// Stops and deletes every cluster of this build, private ones that a crashed test left included. False, and nothing is
/// done, while another process runs tests of this build: its servers would vanish under it.
[[nodiscard]] bool removeAll();

/// True where a missing server fails a test rather than skipping it: tests/run wants to know.
[[nodiscard]] bool serversAreRequired();

/// Everything an error knows, for the message of a failed test.
[[nodiscard]] QByteArray describe(const Error &error);

} // namespace tidemark::test

/// At the top of a test function (or of initTestCase): skips, saying why, where that server is not installed.
#define TIDEMARK_REQUIRE_SERVER(name)                                                                                  \
    do {                                                                                                               \
        QString why_;                                                                                                  \
        if (!::tidemark::test::isAvailable(QString::fromUtf8(name), &why_)) {                                          \
            if (::tidemark::test::serversAreRequired())                                                                \
                QFAIL(qPrintable(why_));                                                                               \
            QSKIP(qPrintable(why_));                                                                                   \
        }                                                                                                              \
    } while (false)

#define TIDEMARK_REQUIRE_COMMUNITY_TIMESCALE()                                                                         \
    do {                                                                                                               \
        if (!::tidemark::test::communityTimescale())                                                                   \
            QSKIP("no server with TimescaleDB's community edition: TIDEMARK_TEST_TIMESCALE names none");               \
    } while (false)

/// QVERIFY for a Result or Status that prints what went wrong.
#define QVERIFY_RESULT(result)                                                                                         \
    do {                                                                                                               \
        const auto &checked_ = (result);                                                                               \
        const QByteArray wrong_ = checked_ ? QByteArray() : ::tidemark::test::describe(checked_.error());              \
        QVERIFY2(checked_.has_value(), wrong_.constData());                                                            \
    } while (false)
