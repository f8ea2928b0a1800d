// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/pg/conninfo.h"
#include "core/pg/params.h"
#include "core/pg/resultset.h"

#include <functional>
#include <memory>
#include <span>
#include <stop_token>

namespace tidemark::pg {

/// How a session behaves towards the server. The defaults are a poller's: it can neither write nor wait.
struct SessionOptions
{
    QString applicationName = QStringLiteral("tidemark");
    bool readOnly = true;                   ///< default_transaction_read_only
    Millis lockTimeout{200};                ///< 0 waits for ever
    Millis statementTimeout{10'000};        ///< 0 has no limit
    Millis idleInTransactionTimeout{5'000}; ///< 0 has no limit
    Millis connectTimeout{5'000};
};

/// What bounds one call. The stop token ends it from any thread; the session's own thread then sends the cancel.
struct CallOptions
{
    Millis deadline{15'000};
    std::stop_token stop;
    /// After this long without a word from the server it is asked over a second connection whether it is there; where that
    /// is not answered either, the call ends at once instead of at its deadline. 0 never asks.
    Millis probeAfter{0};
};

/// One statement of a batch. With a name it is prepared once a session under that name and planned no more.
struct Statement
{
    QByteArray sql;
    Params params;
    QByteArray name;
};

/// One connection, the only owner of libpq. The calls look blocking and are built on libpq's non-blocking half, poll()
/// and an eventfd, so that each ends at its deadline or when its stop token is asked to.
///
/// Rules: a session belongs to one thread at a time; it may be moved to another, never shared. No call may be made on
/// the GUI thread. After an Error with poisonsSession the session is dead: drop it and open another. Every session has
/// an empty search_path, UTC, ISO dates and jit off, so that queries read the same everywhere.
class Session
{
public:
    /// Connects and sets the session up. Host names are resolved by the C library and may take as long as it takes;
    /// all else keeps to options.connectTimeout, which is a host's: of several, each is tried in turn.
    [[nodiscard]] static Result<Session> open(const ConnInfo &info, const SessionOptions &options = {},
                                              std::stop_token stop = {});

    Session(Session &&) noexcept;
    Session &operator=(Session &&) noexcept;
    ~Session();

    /// Runs one statement with its values apart from it ($1, $2 …).
    [[nodiscard]] Result<ResultSet> exec(const QByteArray &sql, const Params &params = {},
                                         const CallOptions &call = {});

    /// Runs a script of several statements, as psql -c does, and returns the last result. No parameters.
    [[nodiscard]] Result<ResultSet> execScript(const QByteArray &sql, const CallOptions &call = {});

    /// Sends all statements at once (libpq's pipeline mode, one round trip) with a sync after each, so that one that
    /// fails leaves the others alone. The results stand in the order of the statements, always as many.
    [[nodiscard]] std::vector<Result<ResultSet>> execBatch(std::span<const Statement> statements,
                                                           const CallOptions &call = {});

    /// Feeds a COPY … FROM STDIN; `next` returns pieces of its data and an empty one at the end.
    [[nodiscard]] Result<ResultSet> copyIn(const QByteArray &sql, const std::function<QByteArray()> &next,
                                           const CallOptions &call = {});

    [[nodiscard]] bool isAlive() const;
    [[nodiscard]] int backendPid() const;
    [[nodiscard]] int serverVersion() const;                 ///< 150018 for 15.18
    [[nodiscard]] QString parameter(const char *name) const; ///< a reported parameter such as server_version
    [[nodiscard]] QString database() const;
    [[nodiscard]] QString user() const;
    [[nodiscard]] bool isEncrypted() const;
    /// Bytes received and sent in results and statements since open(), by the protocol's own sizes.
    [[nodiscard]] qint64 bytesReceived() const;
    [[nodiscard]] qint64 bytesSent() const;

private:
    class Impl;
    explicit Session(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace tidemark::pg
