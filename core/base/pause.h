// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"

#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace tidemark {

/// Waits that long on the calling thread; false when it was stopped before.
inline bool pauseFor(Millis length, std::stop_token stop)
{
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any condition;
    condition.wait_for(lock, stop, length, [] { return false; });
    return !stop.stop_requested();
}

} // namespace tidemark
