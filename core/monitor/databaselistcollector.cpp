// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/databaselistcollector.h"

namespace tidemark {

namespace {
constexpr Millis askAgainAfter{30'000};
}

std::vector<TickQuery> DatabaseListCollector::plan(const TickContext &context)
{
    if (!context.first && context.serverNow - m_askedAt < askAgainAfter)
        return {};
    m_askedAt = context.serverNow;
    return {{QStringLiteral("server/databases"), {}, [this](const Result<pg::ResultSet> &rows) {
                 m_error.reset();
                 if (!rows) {
                     m_error = rows.error();
                     return;
                 }
                 m_names.clear();
                 const auto name = rows->column("name");
                 for (int row = 0; row < rows->rowCount(); ++row)
                     m_names << rows->text(row, name);
             }}};
}

void DatabaseListCollector::publish(const TickContext &, DatabaseSnapshot &snapshot)
{
    snapshot.siblings = m_names;
    if (m_error)
        snapshot.errors.insert(name(), *m_error);
}

} // namespace tidemark
