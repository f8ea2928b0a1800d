// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/collector.h"

namespace tidemark {

/// Which databases the server has for this role, and what room for connections. A sum over them tells with every tick
/// whether one came or went, and only then, and now and then for what the sum does not tell (rights, room), they are listed.
class DatabaseListCollector final : public Collector
{
public:
    [[nodiscard]] QString name() const override { return QStringLiteral("databases"); }
    [[nodiscard]] bool usesFeed() const override { return false; }
    [[nodiscard]] std::vector<TickQuery> plan(const TickContext &context) override;
    [[nodiscard]] std::vector<TickQuery> followUp(const TickContext &context) override;
    void publish(const TickContext &context, DatabaseSnapshot &snapshot) override;

private:
    [[nodiscard]] std::vector<TickQuery> askList(Instant now);
    void absorbList(const pg::ResultSet &rows);
    void absorbRoom(const pg::ResultSet &rows);

    std::optional<qint64> m_pulse;
    bool m_changed = false; ///< since they were listed
    std::vector<ListedDatabase> m_databases;
    std::optional<ConnectionRoom> m_room;
    std::optional<Error> m_error;
    Instant m_listedAt; ///< server clock
};

} // namespace tidemark
