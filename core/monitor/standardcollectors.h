// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/serverwatch.h"
#include "core/store/historystore.h"

namespace tidemark {

/// All collectors of one database, in the order in which they publish. Without a history they judge by what they see
/// themselves.
[[nodiscard]] Collectors standardCollectors(const std::shared_ptr<HistoryStore> &history, const Profile &profile,
                                            const QString &database, bool primary);

} // namespace tidemark
