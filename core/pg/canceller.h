// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <future>

struct pg_conn;

namespace tidemark::pg {

/// Sends cancel requests for one connection. PQcancel() opens a connection of its own and blocks for as long as the
/// network pleases, so each request runs on a thread that nobody needs to wait for. Used on the session's thread.
class Canceller
{
public:
    explicit Canceller(const pg_conn *connection);

    /// Starts a request, unless one is still on its way.
    void send();
    /// Waits for the request to have been delivered, so that it cannot hit the statement after the one it was meant for.
    /// False where it is still on its way after `patience`.
    [[nodiscard]] bool settle(std::chrono::milliseconds patience);

private:
    const pg_conn *m_connection;
    std::future<void> m_request;
};

} // namespace tidemark::pg
