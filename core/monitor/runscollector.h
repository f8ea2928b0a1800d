// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/collector.h"
#include "core/plan/run.h"

namespace tidemark {

/// The runs that a database remembers: where each stands and whether somebody drives it. A database without the toolkit
/// costs one look at the catalogue.
class RunsCollector final : public Collector
{
public:
    [[nodiscard]] QString name() const override { return QStringLiteral("runs"); }
    [[nodiscard]] bool usesFeed() const override { return false; }
    [[nodiscard]] std::vector<TickQuery> plan(const TickContext &context) override;
    [[nodiscard]] std::vector<TickQuery> followUp(const TickContext &context) override;
    void publish(const TickContext &context, DatabaseSnapshot &snapshot) override;

private:
    [[nodiscard]] TickQuery askList();

    bool m_isThere = false;
    bool m_mayRead = false;
    bool m_listed = false; ///< in this tick
    std::vector<RunRecord> m_runs;
    std::optional<Error> m_error;
    std::shared_ptr<const std::vector<RunRecord>> m_published;
};

} // namespace tidemark
