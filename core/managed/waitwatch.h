// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/session.h"

#include <QJsonObject>

#include <mutex>
#include <thread>

namespace tidemark::managed {

/// Looks, on a session and a thread of its own, who waits for a lock that one backend holds.
class WaitWatch
{
public:
    WaitWatch(pg::Session session, int backend);
    ~WaitWatch();
    WaitWatch(const WaitWatch &) = delete;
    WaitWatch &operator=(const WaitWatch &) = delete;

    /// Ends it and tells: "looks", how often it looked; "waiters", the most that waited at once; "who", some of them; "longest_ms".
    [[nodiscard]] QJsonObject finish();

private:
    void watch(std::stop_token stop);

    pg::Session m_session;
    int m_backend;
    std::mutex m_mutex;
    int m_looks = 0;
    int m_most = 0;
    qint64 m_longest = 0;
    QStringList m_who;
    std::jthread m_thread; // last: it uses all of the above
};

} // namespace tidemark::managed
