// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/replay.h"
#include "ui/services/replayer.h"

namespace tidemark::ui {

/// The local store as the past of every server.
class HistoryReplay final : public ReplaySource
{
public:
    explicit HistoryReplay(std::shared_ptr<const HistoryStore> history);
    [[nodiscard]] Result<ServerSnapshotPtr> at(const ServerSnapshot &live, Instant moment) const override;
    [[nodiscard]] Result<std::vector<TimelineMark>> marks(const ServerSnapshot &live,
                                                          const TimeRange &range) const override;

private:
    HistoryReader m_reader;
};

} // namespace tidemark::ui
