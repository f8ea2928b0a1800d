// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command.h"
#include "core/plan/pace.h"
#include "core/plan/run.h"

#include <mutex>

namespace tidemark::cli {

/// Tells a person, or a program with --json, how a run goes on: a line a journal entry, and on a terminal one line of
/// progress that is written over. Calls may come from any thread.
class RunProgress
{
public:
    explicit RunProgress(const Context &context);
    void tell(const RunEvent &event);
    void show(const RunRecord &run);
    /// Ends the line of progress.
    void finish();

private:
    [[nodiscard]] QString rateAndEta(const RunRecord &run);
    void clearLine();

    const Context &m_context;
    std::mutex m_mutex;
    bool m_isTerminal;
    int m_shown = 0; ///< characters on the line of progress
    Pace m_pace;
};

} // namespace tidemark::cli
