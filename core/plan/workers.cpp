// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/workers.h"

#include <mutex>
#include <thread>

namespace tidemark {

Status workTogether(StepContext &context, int workers,
                    const std::function<Status(pg::Session &session, int worker, std::stop_token stop)> &work)
{
    std::mutex mutex;
    std::optional<Error> first;
    std::stop_source failed;
    const std::stop_callback stopped(context.stop(), [&failed] { failed.request_stop(); });
    {
        std::vector<std::jthread> threads;
        for (int worker = 1; worker <= workers; ++worker) {
            threads.emplace_back([&, worker] {
                const auto done = [&]() -> Status {
                    TIDEMARK_TRY(pg::Session session, context.openSession());
                    return work(session, worker, failed.get_token());
                }();
                if (done)
                    return;
                const std::lock_guard lock(mutex);
                // What the others say once they were stopped is not why.
                if (!first)
                    first = done.error();
                failed.request_stop();
            });
        }
    }
    if (first)
        return fail(*first);
    return {};
}

} // namespace tidemark
