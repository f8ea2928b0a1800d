// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/collector.h"

namespace tidemark {

/// Which databases the server has for this role: asked at once and then now and then, for databases come and go.
class DatabaseListCollector final : public Collector
{
public:
    [[nodiscard]] QString name() const override { return QStringLiteral("databases"); }
    [[nodiscard]] bool usesFeed() const override { return false; }
    [[nodiscard]] std::vector<TickQuery> plan(const TickContext &context) override;
    void publish(const TickContext &context, DatabaseSnapshot &snapshot) override;

private:
    QStringList m_names;
    std::optional<Error> m_error;
    Instant m_askedAt;
};

} // namespace tidemark
