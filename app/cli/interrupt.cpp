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
    std::signal(SIGINT, onSignal);
    std::signal(SIGTERM, onSignal);
}

bool isInterrupted()
{
    return interrupted;
}

} // namespace tidemark::cli
