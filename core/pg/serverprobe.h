// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <memory>

struct pg_conn;

namespace tidemark::pg {

/// Whether the server of a silent connection is slow or frozen: one that is slow still answers a second connection, if only
/// to refuse it. libpq's PQping() blocks, so it runs on a thread that nobody needs to wait for. Used on the session's
/// thread.
class ServerProbe
{
public:
    /// What a second connection is given to be answered, by libpq's clock of whole seconds: two to three.
    static constexpr int timeoutSeconds = 3;

    explicit ServerProbe(const pg_conn *connection);

    enum class Answer { Awaited, Alive, Silent };
    [[nodiscard]] Answer answer() const { return *m_answer; }

private:
    std::shared_ptr<std::atomic<Answer>> m_answer = std::make_shared<std::atomic<Answer>>(Answer::Awaited);
};

} // namespace tidemark::pg
