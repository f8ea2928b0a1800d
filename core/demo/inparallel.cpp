// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/inparallel.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace tidemark::demo {

Status inParallel(const std::vector<std::function<Status()>> &tasks)
{
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    Status outcome;
    const auto work = [&] {
        for (std::size_t i = next++; i < tasks.size(); i = next++) {
            const Status done = tasks[i]();
            if (done)
                continue;
            const std::lock_guard guard(mutex);
            if (outcome)
                outcome = done;
            next = tasks.size();
        }
    };
    {
        std::vector<std::jthread> threads;
        const std::size_t count = std::min<std::size_t>(tasks.size(),
                                                        std::clamp(std::thread::hardware_concurrency(), 2U, 6U));
        for (std::size_t i = 0; i < count; ++i)
            threads.emplace_back(work);
    }
    return outcome;
}

} // namespace tidemark::demo
