// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/interrupt.h"

#include <atomic>
#include <csignal>

namespace tidemark::cli {

namespace {

std::atomic<bool> interrupted = false;

void onSignal(int signal)
{
    interrupted = true;
    std::signal(signal, SIG_DFL);
}

} // namespace

void catchInterrupts()
{
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        if (std::signal(signal, onSignal) == SIG_IGN)
            std::signal(signal, SIG_IGN);
    }
}

bool isInterrupted()
{
    return interrupted;
}

} // namespace tidemark::cli
