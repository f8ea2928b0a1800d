// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <stop_token>

namespace tidemark::pg {

using SteadyTime = std::chrono::steady_clock::time_point;

/// An eventfd that a stop token writes to, so that poll() wakes when a call is asked to end. wake() may be called from
/// any thread.
class Waker
{
public:
    Waker();
    ~Waker();
    Waker(const Waker &) = delete;
    Waker &operator=(const Waker &) = delete;

    void wake() const;
    void drain() const;
    [[nodiscard]] int fd() const { return m_fd; }

private:
    int m_fd;
};

enum class Wait { Ready, Stopped, DeadlinePassed, Broken };

/// Waits until the socket has one of `events` (poll's), the token is asked to stop, or the deadline passes.
[[nodiscard]] Wait waitFor(int socket, short events, const Waker &waker, const std::stop_token &stop,
                           SteadyTime deadline);

} // namespace tidemark::pg
