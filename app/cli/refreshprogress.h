// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command.h"
#include "core/refresh/refreshrun.h"

#include <QJsonArray>

#include <mutex>

namespace tidemark::cli {

/// Tells a person, or a program with --json, how refreshes go on: a line for each that ends or waits for somebody, and on a
/// terminal one line of progress that is written over. Calls may come from any thread.
class RefreshProgress
{
public:
    RefreshProgress(const Context &context, const refresh::RefreshPlan &plan);
    void tell(const refresh::RefreshNews &news);
    void show(const refresh::RefreshLook &look);
    /// Ends the line of progress.
    void finish();

private:
    void clearLine();

    const Context &m_context;
    const refresh::RefreshPlan &m_plan;
    std::mutex m_mutex;
    bool m_isTerminal;
    int m_shown = 0; ///< columns of the line of progress
};

/// {"schema", "name", "kind", "method", "because", "statement", "after", "expected_ms", …}
[[nodiscard]] QJsonObject refreshItemJson(const refresh::RefreshPlan &plan, int place);
/// {"state", "text", "started_at", "finished_at", "duration_ms", "waited_ms", "rows_written", "rows_removed"}
[[nodiscard]] QJsonObject refreshStandingJson(const refresh::RefreshStanding &standing);

} // namespace tidemark::cli
