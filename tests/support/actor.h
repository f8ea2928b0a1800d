// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/testdatabase.h"

#include <future>
#include <stop_token>

namespace tidemark::test {

/// A session that plays a part: runs statements at once, or starts one that will wait and goes on. Ends what still runs
/// with the object.
class Actor
{
public:
    explicit Actor(pg::Session session);
    ~Actor();
    Actor(const Actor &) = delete;
    Actor &operator=(const Actor &) = delete;

    [[nodiscard]] int pid() const { return m_session.backendPid(); }
    /// Must not be called while something started runs. A failed statement fails the test.
    void run(const QByteArray &sql);
    /// Runs it on a thread; at most one at a time.
    void start(const QByteArray &sql);
    /// Waits for what was started.
    [[nodiscard]] Status finish();
    [[nodiscard]] bool isWaiting() const;
    /// Asks the server to cancel what was started, and waits for its end.
    void cancel();

private:
    pg::Session m_session;
    std::stop_source m_stop;
    std::future<Status> m_started;
};

} // namespace tidemark::test
