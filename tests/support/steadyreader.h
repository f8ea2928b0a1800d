// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/pause.h"
#include "core/pg/session.h"

#include <algorithm>
#include <thread>

namespace tidemark::test {

/// Reads a relation over and over on a thread of its own, and remembers its longest wait.
class SteadyReader
{
public:
    SteadyReader(pg::Session session, const QByteArray &relation)
        : m_session(std::move(session))
        , m_sql("SELECT count(*) FROM " + relation)
        , m_thread([this](std::stop_token stop) { read(std::move(stop)); })
    {
    }
    /// Ends it.
    Millis longest()
    {
        m_thread.request_stop();
        m_thread.join();
        return m_longest;
    }

private:
    void read(std::stop_token stop)
    {
        while (pauseFor(Millis(2), stop)) {
            const auto begun = std::chrono::steady_clock::now();
            static_cast<void>(m_session.exec(m_sql));
            m_longest = std::max(m_longest,
                                 std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begun));
        }
    }

    pg::Session m_session;
    QByteArray m_sql;
    Millis m_longest{0};
    std::jthread m_thread;
};

} // namespace tidemark::test
