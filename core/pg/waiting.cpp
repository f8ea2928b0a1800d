// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/waiting.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

namespace tidemark::pg {

Waker::Waker()
    : m_fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
}

Waker::~Waker()
{
    close(m_fd);
}

void Waker::wake() const
{
    const uint64_t one = 1;
    static_cast<void>(!write(m_fd, &one, sizeof one));
}

void Waker::drain() const
{
    uint64_t count = 0;
    static_cast<void>(!read(m_fd, &count, sizeof count));
}

Wait waitFor(int socket, short events, const Waker &waker, const std::stop_token &stop, SteadyTime deadline)
{
    using std::chrono::milliseconds;
    while (true) {
        if (stop.stop_requested())
            return Wait::Stopped;
        const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
        if (left <= 0)
            return Wait::DeadlinePassed;
        pollfd fds[2] = {{socket, events, 0}, {waker.fd(), POLLIN, 0}};
        const int ready = poll(fds, 2, static_cast<int>(std::min<milliseconds::rep>(left, 60'000)));
        if (ready < 0 && errno != EINTR)
            return Wait::Broken;
        if (ready > 0 && (fds[1].revents & POLLIN) != 0)
            waker.drain();
        if (ready > 0 && fds[0].revents != 0)
            return Wait::Ready;
    }
}

} // namespace tidemark::pg
