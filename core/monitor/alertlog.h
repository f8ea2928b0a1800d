// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/alerts.h"
#include "core/store/historystore.h"

namespace tidemark {

/// Writes one server's alert transitions into the history. Lives on the thread of its AlertEngine.
class AlertLog
{
public:
    AlertLog(std::shared_ptr<HistoryStore> history, const QString &systemIdentifier);

    /// What an earlier run left open, for AlertEngine::restore().
    [[nodiscard]] Result<std::vector<AlertRecord>> takeUp();
    /// `now` is the server's. The first failure is reported, the rest is written all the same.
    [[nodiscard]] Status record(const AlertTransitions &transitions, Instant now);

private:
    std::shared_ptr<HistoryStore> m_history;
    QString m_systemIdentifier;
    std::map<AlertKey, qint64> m_ids;
};

} // namespace tidemark
