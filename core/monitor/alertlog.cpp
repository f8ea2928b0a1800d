// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/alertlog.h"

namespace tidemark {

AlertLog::AlertLog(std::shared_ptr<HistoryStore> history, const QString &systemIdentifier)
    : m_history(std::move(history))
    , m_systemIdentifier(systemIdentifier)
{
}

Result<std::vector<AlertRecord>> AlertLog::takeUp()
{
    TIDEMARK_TRY(auto open, m_history->openAlerts(m_systemIdentifier));
    for (const AlertRecord &record : open) {
        if (const auto kind = alertKindOf(record.kind))
            m_ids[{*kind, record.database, record.subject}] = record.id;
    }
    return open;
}

Status AlertLog::record(const AlertTransitions &transitions, Instant now)
{
    Status done;
    for (const Alert &alert : transitions.raised) {
        AlertRecord record;
        record.kind = toWord(alert.key.kind);
        record.subject = alert.key.subject;
        record.message = alert.message;
        record.raisedAt = alert.raisedAt;
        const auto id = m_history->raiseAlert({m_systemIdentifier, alert.key.database}, record);
        if (id)
            m_ids[alert.key] = *id;
        else if (done)
            done = fail(id.error());
    }
    for (const Alert &alert : transitions.cleared) {
        const auto id = m_ids.find(alert.key);
        if (id == m_ids.end())
            continue;
        const Status cleared = m_history->clearAlert(id->second, now, alert.endedBecause);
        if (!cleared && done)
            done = cleared;
        m_ids.erase(id);
    }
    return done;
}

} // namespace tidemark
